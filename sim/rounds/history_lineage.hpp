#pragma once

#include "sim/rounds/checker/lineage.hpp"
#include "smr/median/history.hpp"

namespace waggle::sim::rounds {

/// The states of paper mode, as checkers see them.
class HistoryLineage final : public Lineage {
 public:
  HistoryLineage(const median::History& history, const median::CommandTable& table)
      : history_(history), table_(table) {}

  std::uint32_t parent(std::uint32_t node) const override;
  std::uint32_t length(std::uint32_t node) const override;
  CommittedEntry last(std::uint32_t node) const override;

 private:
  const median::History& history_;
  const median::CommandTable& table_;
};

/// An entry as checkers see it.
CommittedEntry committed_entry(median::Handle handle, bool executed,
                               const median::CommandTable& table);

}  // namespace waggle::sim::rounds
