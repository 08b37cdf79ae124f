#include "smr/app/state_machine.hpp"

namespace waggle::app {

Digest StateMachine::digest(const StateView& state) const { return state.digest(); }

void StateMachine::snapshot(const StateView& state, const SnapshotSink& sink) const {
  write_snapshot(state, sink);
}

Result<void, Refusal> StateMachine::restore(const SnapshotSource& source, StateStore& store) const {
  return read_snapshot(source, store);
}

}  // namespace waggle::app
