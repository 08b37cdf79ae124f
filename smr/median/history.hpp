#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "smr/median/choices.hpp"
#include "smr/median/command_table.hpp"
#include "smr/median/findings.hpp"

namespace waggle::median {

/// The shared state S of a server, as the sequence of commands that made it: a node of a tree.
struct StateRef {
  std::uint32_t value = 0;
  friend constexpr bool operator==(StateRef, StateRef) = default;
};
inline constexpr StateRef kInitialState{0};

/// All states of a run in paper mode, where states are rolled back and adopted: a tree of
/// sequences that share their beginnings. In a run without a split it is one path, so that the
/// memory is that of one sequence, whatever the number of servers. The table outlives it.
class History {
 public:
  History(const CommandTable& table, const Choices& choices);

  /// The state after committing `handle` on `state`. The dummy changes nothing; a null entry
  /// counts in its client's numbers only. With execute-once, neither does a command that its
  /// client's number has passed; without, it is committed and found.
  StateRef commit(StateRef state, Handle handle, Findings& findings);

  /// sn(c): the number of the client's last committed command, 0 if there is none.
  std::uint64_t last_number(StateRef state, std::uint32_t client) const;

  StateRef parent(StateRef state) const noexcept { return nodes_[state.value].parent; }
  Handle last(StateRef state) const noexcept { return nodes_[state.value].handle; }
  /// Number of committed entries, null entries included.
  std::uint32_t length(StateRef state) const noexcept { return nodes_[state.value].length; }
  std::size_t size() const noexcept { return nodes_.size(); }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// A state's first child goes on with its branch; every other one begins another.
  struct Node {
    StateRef parent;
    Handle handle;
    std::uint32_t length = 0;
    std::uint32_t branch = 0;
    std::uint32_t child = kNone;             ///< The newest one.
    std::uint32_t sibling = kNone;           ///< The next one.
    std::uint32_t before_of_client = kNone;  ///< The last one before of this client and branch.
  };

  struct Branch {
    StateRef from;                                  ///< The state from which it goes off.
    std::map<std::uint32_t, std::uint32_t> newest;  ///< By client: the node made last.
  };
  StateRef add(StateRef parent, Handle handle);

  const CommandTable& table_;
  Choices choices_;
  std::vector<Node> nodes_;
  std::vector<Branch> branches_;
};

}  // namespace waggle::median
