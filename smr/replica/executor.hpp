#pragma once

#include "smr/app/state_machine.hpp"
#include "smr/replica/execution.hpp"
#include "smr/replica/stored_state.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// What results take, so that a block of many reads of large values costs no more memory than one
/// of few. Replicas that differ in these numbers have different states
/// (docs/adr/0014-room-for-results.md).
///
/// All results of a block together; beyond it each command has app::kResultBytesMin.
inline constexpr std::size_t kBlockResultBytes = 4 << 20;
/// One result of the median protocol, whose entries execute in parts that differ from server to
/// server (MedianHost::execute).
inline constexpr std::size_t kSealedResultBytes = 256 << 10;

/// The result of a command; empty if the machine did not keep to result_bytes_max.
Bytes apply_bounded(const app::StateMachine& machine, const app::CommandContext& context,
                    ByteView command, app::StateStore& store);

/// Applies committed blocks to the state machine, in order, each with its results and its
/// position in one atomic batch. The batch need not be synced: the block it came from is durable
/// at a quorum, and execution is deterministic, so what a power cut takes is executed again.
/// Belongs to one thread; storage, machine and hasher must outlive it.
class Executor {
 public:
  /// Continues behind the position that storage holds, or at genesis.
  Executor(storage::Storage& storage, const app::StateMachine& machine, const Hasher& hasher,
           const Executed& position)
      : storage_(storage),
        machine_(machine),
        hasher_(hasher),
        state_(storage, hasher, position.state),
        position_(position) {}

  /// The job is the block after the last one. An error is the disk's, and fatal.
  storage::Outcome<ExecutionResult> execute(const ExecutionJob& job);

  const Executed& position() const noexcept { return position_; }

 private:
  storage::Storage& storage_;
  const app::StateMachine& machine_;
  const Hasher& hasher_;
  StoredState state_;
  Executed position_;
};

/// The digest that replicas compare: of the state and of the sessions.
Digest combined_digest(const Digest& state, const Digest& sessions, const Hasher& hasher);

/// Answers a query from what storage holds now; any thread.
Bytes answer_query(const storage::Storage& storage, const app::StateMachine& machine,
                   const Hasher& hasher, ByteView query);

}  // namespace waggle::smr
