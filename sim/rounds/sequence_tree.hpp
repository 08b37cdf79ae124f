#pragma once

#include <vector>

#include "sim/rounds/checker/lineage.hpp"
#include "smr/median/command_table.hpp"

namespace waggle::sim::rounds {

/// What servers that seal executed: all their sequences, whole, with what each entry did.
class SequenceTree final : public Lineage {
 public:
  explicit SequenceTree(const median::CommandTable& table) : table_(table), nodes_(1) {}

  /// The sequence that is one entry longer. Equal ones have one node.
  std::uint32_t append(std::uint32_t node, median::Handle handle, bool executed);

  std::uint32_t parent(std::uint32_t node) const override { return nodes_[node].parent; }
  std::uint32_t length(std::uint32_t node) const override { return nodes_[node].length; }
  CommittedEntry last(std::uint32_t node) const override;

 private:
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t length = 0;
    median::Handle handle;
    bool executed = false;
    std::uint32_t child = 0;    ///< The first one; 0: none.
    std::uint32_t sibling = 0;  ///< The next one; 0: none.
  };

  const median::CommandTable& table_;
  std::vector<Node> nodes_;
};

}  // namespace waggle::sim::rounds
