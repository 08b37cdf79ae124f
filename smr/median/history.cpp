#include "smr/median/history.hpp"

#include <utility>

#include "consensus/core/ensure.hpp"

namespace waggle::median {

History::History(const CommandTable& table, const Choices& choices)
    : table_(table), choices_(choices), nodes_(1), branches_(1) {}

StateRef History::commit(StateRef state, Handle handle, Findings& findings) {
  if (handle == kDummy) return state;
  for (std::uint32_t at = nodes_[state.value].child; at != kNone; at = nodes_[at].sibling) {
    if (nodes_[at].handle == handle) return StateRef{at};
  }
  const Slot slot = table_.slot(handle);
  const std::uint64_t number = table_.number(slot);
  const std::uint64_t last = last_number(state, table_.client(slot));
  if (number <= last) {
    if (choices_.execute_once) return state;
    findings.note(Finding::kCommittedTwice);
  }
  if (number > last + 1) findings.note(Finding::kNumberSkipped);
  return add(state, handle);
}

std::uint64_t History::last_number(StateRef state, std::uint32_t client) const {
  while (true) {
    const Node& here = nodes_[state.value];
    const Branch& branch = branches_[here.branch];
    const auto newest = branch.newest.find(client);
    std::uint32_t at = newest == branch.newest.end() ? kNone : newest->second;
    while (at != kNone && nodes_[at].length > here.length) at = nodes_[at].before_of_client;
    if (at != kNone) return table_.number(table_.slot(nodes_[at].handle));
    if (here.branch == 0) return 0;
    state = branch.from;
  }
}

StateRef History::add(StateRef parent, Handle handle) {
  ENSURE(nodes_.size() < kNone);
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  const Node& before = nodes_[parent.value];
  Node node{.parent = parent, .handle = handle, .length = before.length + 1};
  node.branch = before.branch;
  if (before.child != kNone) {
    node.branch = static_cast<std::uint32_t>(branches_.size());
    branches_.push_back({parent, {}});
  }
  node.sibling = before.child;
  const std::uint32_t client = table_.client(table_.slot(handle));
  const auto [newest, first] = branches_[node.branch].newest.try_emplace(client, index);
  if (!first) node.before_of_client = std::exchange(newest->second, index);
  nodes_[parent.value].child = index;
  nodes_.push_back(node);
  return StateRef{index};
}

}  // namespace waggle::median
