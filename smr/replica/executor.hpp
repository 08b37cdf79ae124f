#pragma once

#include "smr/app/state_machine.hpp"
#include "smr/replica/execution.hpp"
#include "smr/replica/stored_state.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

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
