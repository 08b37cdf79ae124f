#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::baselines {

/// Fast-HotStuff (Jalalzai et al., arXiv 2010.11454), pipelined: two certified blocks of
/// consecutive views commit the first. After a failed view the block carries q timeouts with their
/// senders' highest certified blocks (the aggregated QC), and must stand on the highest of them;
/// no lock is needed. The tip of the common core is the highest certified block.
class FastHotStuff final : public chained::Rules {
 public:
  explicit FastHotStuff(const chained::Guards& guards = {}) : Rules(guards) {}

  std::string_view name() const noexcept override { return "fast-hotstuff"; }
  Result<void, Refusal> check_explicit(const chained::BlockTree& tree, const chained::Node& node,
                                       const ChainConfig& config,
                                       const Hasher& hasher) const override;
  chained::Walk validated(const chained::BlockTree& tree, const chained::Node& node) const override;
  chained::Walk may_vote(const chained::BlockTree& tree, const chained::Node& node,
                         const chained::SafetyRecord& record) const override;
  Tip tip_after_vote(const chained::BlockTree& tree, const Tip& tip,
                     const chained::Node& voted) const override;
  Tip tip_after_certificate(const Tip& tip, const chained::Node& certified) const override;
  bool votes_in_timeouts() const noexcept override { return false; }
  chained::ParentChoice choose_parent(const chained::Outlook& outlook) const override;
  chained::CommitVerdict judge_commit(const chained::BlockTree& tree,
                                      const chained::Node& b2) const override;
  void check_invariants(const chained::BlockTree&, const chained::SafetyRecord&) const override {}
};

}  // namespace waggle::baselines
