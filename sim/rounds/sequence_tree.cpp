#include "sim/rounds/sequence_tree.hpp"

#include "sim/rounds/history_lineage.hpp"

namespace waggle::sim::rounds {

std::uint32_t SequenceTree::append(std::uint32_t node, median::Handle handle, bool executed) {
  for (std::uint32_t at = nodes_[node].child; at != 0; at = nodes_[at].sibling) {
    if (nodes_[at].handle == handle && nodes_[at].executed == executed) return at;
  }
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({.parent = node,
                    .length = nodes_[node].length + 1,
                    .handle = handle,
                    .executed = executed,
                    .sibling = nodes_[node].child});
  nodes_[node].child = added;
  return added;
}

CommittedEntry SequenceTree::last(std::uint32_t node) const {
  return committed_entry(nodes_[node].handle, nodes_[node].executed, table_);
}

}  // namespace waggle::sim::rounds
