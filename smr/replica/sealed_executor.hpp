#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "smr/app/state_machine.hpp"
#include "smr/median/sealed_run.hpp"
#include "smr/replica/execution.hpp"
#include "smr/replica/sealed_layout.hpp"
#include "smr/replica/stored_state.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// A number that a null entry took: two commands had it, and neither executes.
struct NumberTaken {
  ClientId lane;
  std::uint64_t number = 0;
};

/// What executing a run of sealed entries tells the host. Answers are in the run's order.
struct SealedResult {
  Executed position;
  std::vector<std::pair<Height, Digest>> checkpoints;   ///< Digests at multiples of the step.
  std::vector<std::pair<ClientId, Committed>> answers;  ///< With the lane; one command each.
  std::vector<NumberTaken> taken;
};

/// Where execution stands on disk.
struct ExecutedEnd {
  Executed position;
  Digest sequence;  ///< The chain digest there.
};
/// Refuses (kCorrupt) what no executor wrote.
storage::Outcome<ExecutedEnd> read_executed(const storage::Storage& storage, const Hasher& hasher);

/// Applies sealed entries to the state machine, in order, each run with its results, its position
/// and its final prefix in one atomic batch. The batch need not be synced: the core keeps the
/// entries, and execution is deterministic, so what a power cut takes is executed again.
///
/// In the positions told here, height is the number of entries executed, block and view are root
/// and window of the seal; digests and what the state machine sees depend on the sequence alone.
/// Belongs to one thread; storage, machine and hasher must outlive it.
class SealedExecutor {
 public:
  /// Every so many entries the digests of all servers can be compared (8.5).
  static constexpr std::uint64_t kCheckpointStep = 1024;
  /// Every so many entries results of forgotten clients are erased.
  static constexpr std::uint64_t kSweepStep = 8192;

  /// Continues behind the position that storage holds, or at genesis. Refuses (kCorrupt) what no
  /// executor wrote.
  static storage::Outcome<SealedExecutor> open(storage::Storage& storage,
                                               const app::StateMachine& machine,
                                               const Hasher& hasher);

  /// The run begins at the position; it may be a part that ends before its final prefix does. An
  /// error is the disk's, and fatal.
  storage::Outcome<SealedResult> execute(const median::SealedRun& run);

  // State transfer (sealed_state.cpp).

  /// All that is executed, for another server: state, results and final prefix at one position.
  /// `final` is of some moment; used if nothing was executed since. Null if that position's is not
  /// at hand, or the state is above kStateBytesMax.
  storage::Outcome<SharedBytes> state(const median::FinalPtr& final) const;
  /// Replaces all that is executed by what another server has, if it goes further, in one batch.
  /// Refuses what state() would not have written (kMalformed), and a seal that does not hold or a
  /// state that does not fit its digests (kBadCertificate). Returns the final prefix there; null
  /// if the state goes no further.
  storage::Outcome<Result<median::FinalPtr, Refusal>> install(ByteView state,
                                                              const ChainConfig& chain,
                                                              const Verifier& verifier);

  const Executed& position() const noexcept { return position_; }

 private:
  using LaneRows = std::map<ClientId, layout::LaneRow>;

  SealedExecutor(storage::Storage& storage, const app::StateMachine& machine, const Hasher& hasher,
                 const Executed& position, const Digest& chain);

  void apply(const median::Sealed& entry, const median::FinalPrefix& final, LaneRows& lanes,
             SealedResult& done);
  storage::Outcome<bool> is_next(const median::Named& entry, const LaneRows& lanes,
                                 const median::FinalPrefix& final) const;
  storage::Outcome<void> forget_lanes(const median::SealedRun& run, storage::Batch& batch) const;
  Digest digest() const;

  storage::Storage* storage_;
  const app::StateMachine* machine_;
  const Hasher* hasher_;
  std::optional<StoredState> state_;
  Executed position_;
  Digest chain_;            ///< Over all entries executed.
  median::FinalPtr final_;  ///< At the position; null before the first run and inside of one.
};

}  // namespace waggle::smr
