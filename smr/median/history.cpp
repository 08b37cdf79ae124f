#include "smr/median/history.hpp"

#include "consensus/core/ensure.hpp"

namespace waggle::median {

History::History(const CommandTable& table, const Choices& choices)
    : table_(table), choices_(choices), nodes_(1), first_path_{0} {}

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
  if (client >= newest_of_client_.size()) return 0;
  std::uint32_t at = newest_of_client_[client];
  while (at != kNone && !is_ancestor(at, state)) at = nodes_[at].before_of_client;
  return at == kNone ? 0 : table_.number(table_.slot(nodes_[at].handle));
}

/// Whether `node` is `of` or one of the states before it.
bool History::is_ancestor(std::uint32_t node, StateRef of) const {
  const std::uint32_t length = nodes_[node].length;
  std::uint32_t at = of.value;
  // States without a split lie on the first path, where a state is found by its length.
  while (nodes_[at].length > length) {
    const std::uint32_t here = nodes_[at].length;
    const bool on_first_path = here < first_path_.size() && first_path_[here] == at;
    const StateRef jump = nodes_[at].jump;
    if (on_first_path) {
      at = first_path_[length];
    } else {
      at = nodes_[jump.value].length >= length ? jump.value : nodes_[at].parent.value;
    }
  }
  return at == node;
}

/// Twice as far back as the parent's, once two of equal length have come together; else the parent.
StateRef History::jump_from(StateRef parent) const {
  const Node& before = nodes_[parent.value];
  const Node& far = nodes_[before.jump.value];
  const bool equal = before.length - far.length == far.length - nodes_[far.jump.value].length;
  return equal ? far.jump : parent;
}

StateRef History::add(StateRef parent, Handle handle) {
  ENSURE(nodes_.size() < kNone);
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  const std::uint32_t client = table_.client(table_.slot(handle));
  if (client >= newest_of_client_.size()) newest_of_client_.resize(client + 1, kNone);
  Node node{.parent = parent,
            .jump = jump_from(parent),
            .handle = handle,
            .length = nodes_[parent.value].length + 1};
  node.sibling = nodes_[parent.value].child;
  node.before_of_client = newest_of_client_[client];
  // A first path goes on only from its own end, so that all of it hangs together.
  if (node.length == first_path_.size() && first_path_[node.length - 1] == parent.value) {
    first_path_.push_back(index);
  }
  newest_of_client_[client] = index;
  nodes_[parent.value].child = index;
  nodes_.push_back(node);
  return StateRef{index};
}

}  // namespace waggle::median
