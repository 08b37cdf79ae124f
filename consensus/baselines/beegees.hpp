#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::baselines {

/// BeeGees (arXiv 2205.11652) as reconstructed in docs/spec/pbeegees.md, section 8: commits without
/// consecutive views, as pBeeGees does, but a replica validates a block and its parent and no
/// further, and a leader builds on the highest tip that it is told of, whether it has it or not.
/// So Byzantine leaders can hide an invalid block under valid ones (the Invalid Block Problem), and
/// make an honest one wait for a block that nobody has (the Hollow Chain Problem).
class BeeGees final : public chained::Rules {
 public:
  explicit BeeGees(const chained::Guards& guards = {}) : Rules(guards) {}

  std::string_view name() const noexcept override { return "beegees"; }
  Result<void, Refusal> check_explicit(const chained::BlockTree& tree, const chained::Node& node,
                                       const ChainConfig& config,
                                       const Hasher& hasher) const override;
  /// The block and its parent are valid.
  chained::Walk validated(const chained::BlockTree& tree, const chained::Node& node) const override;
  chained::Walk may_vote(const chained::BlockTree& tree, const chained::Node& node,
                         const chained::SafetyRecord& record) const override;
  /// The last block voted for ...
  Tip tip_after_vote(const chained::BlockTree& tree, const Tip& tip,
                     const chained::Node& voted) const override;
  /// ... or a higher certified one.
  Tip tip_after_certificate(const Tip& tip, const chained::Node& certified) const override;
  bool votes_in_timeouts() const noexcept override { return true; }
  chained::ParentChoice choose_parent(const chained::Outlook& outlook) const override;
  /// Two certified blocks, the upper one's QC naming the lower one, and no other tip of a
  /// parent's view in between.
  chained::CommitVerdict judge_commit(const chained::BlockTree& tree,
                                      const chained::Node& b2) const override;
  void check_invariants(const chained::BlockTree&, const chained::SafetyRecord&) const override {}
};

}  // namespace waggle::baselines
