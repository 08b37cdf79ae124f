#include "sim/rounds/history_lineage.hpp"

namespace waggle::sim::rounds {

using median::StateRef;

std::uint32_t HistoryLineage::parent(std::uint32_t node) const {
  return history_.parent(StateRef{node}).value;
}

std::uint32_t HistoryLineage::length(std::uint32_t node) const {
  return history_.length(StateRef{node});
}

CommittedEntry HistoryLineage::last(std::uint32_t node) const {
  const median::Handle handle = history_.last(StateRef{node});
  return committed_entry(handle, !handle.is_null(), table_);
}

CommittedEntry committed_entry(median::Handle handle, bool executed,
                               const median::CommandTable& table) {
  const median::Slot slot = table.slot(handle);
  return {.client = table.client(slot),
          .number = table.number(slot),
          .command = handle.is_null() ? 0 : handle.index(),
          .null = handle.is_null(),
          .executed = executed};
}

}  // namespace waggle::sim::rounds
