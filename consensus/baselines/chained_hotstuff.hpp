#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::baselines {

/// Chained HotStuff (Yin et al., PODC 2019, section 5): a block stands on the block that its QC
/// certifies; three certified blocks of consecutive views commit the first; a replica locks the
/// middle one. The tip of the common core is the lock. Votes go to the next leader and are lost
/// with it.
class ChainedHotStuff final : public chained::Rules {
 public:
  explicit ChainedHotStuff(const chained::Guards& guards = {}) : Rules(guards) {}

  std::string_view name() const noexcept override { return "chained-hotstuff"; }
  Result<void, Refusal> check_explicit(const chained::BlockTree& tree, const chained::Node& node,
                                       const ChainConfig& config,
                                       const Hasher& hasher) const override;
  chained::Walk validated(const chained::BlockTree& tree, const chained::Node& node) const override;
  /// safeNode: it extends the lock, or its QC is of a higher view than the lock.
  chained::Walk may_vote(const chained::BlockTree& tree, const chained::Node& node,
                         const chained::SafetyRecord& record) const override;
  Tip tip_after_vote(const chained::BlockTree& tree, const Tip& lock,
                     const chained::Node& voted) const override;
  /// A certified block locks the block below it.
  Tip tip_after_certificate(const Tip& lock, const chained::Node& certified) const override;
  bool votes_in_timeouts() const noexcept override { return false; }
  /// The highest certified block, once QC(v-1) or q replicas have told theirs.
  chained::ParentChoice choose_parent(const chained::Outlook& outlook) const override;
  chained::CommitVerdict judge_commit(const chained::BlockTree& tree,
                                      const chained::Node& b2) const override;
  void check_invariants(const chained::BlockTree&, const chained::SafetyRecord&) const override {}
};

}  // namespace waggle::baselines
