#pragma once

#include <optional>
#include <span>

#include "consensus/core/protocol_core.hpp"
#include "consensus/chained/messages.hpp"
#include "consensus/chained/rules.hpp"

namespace waggle::chained {

/// What must hold after every step, said a second time by code that knows nothing of how the
/// state changes. A broken invariant aborts with the facts (ENSURE). Mutable: it remembers the
/// last state that it saw, to judge changes too.
class Invariants {
 public:
  /// States and their changes.
  void check(const BlockTree& tree, const SafetyRecord& record, const ChainConfig& config,
             const Rules& rules) const;
  /// Section 4: whatever is signed is covered by a record that was persisted before it.
  void check_effects(std::span<const Effect<Message, Record>> effects, const SafetyRecord& record,
                     const Guards& guards);

 private:
  struct Seen {
    View last_voted;
    View last_timeout;
    View last_proposed;
    View view;
    View high_qc;
    View tip;
    Height head;
    RejoinPhase rejoin;
  };
  mutable std::optional<Seen> seen_;
  View persisted_vote_;
  View persisted_timeout_;
  View persisted_proposal_;
  bool persisted_any_ = false;
};

}  // namespace waggle::chained
