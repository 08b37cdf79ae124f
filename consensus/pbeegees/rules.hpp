#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::pbeegees {

/// pBeeGees: pipelined BFT consensus with certificate decoupling (docs/spec/pbeegees.md;
/// arXiv 2509.17496). What is its own is in this folder:
///   validity.hpp          3.1-3.6   which blocks may be voted for
///   prudent_counting.hpp  3.7a, 3.4 what a leader builds on
///   commit_rule.hpp       5.1, 5.2
/// The rest, common to chained protocols, in consensus/chained/core.hpp.
class Rules final : public chained::Rules {
 public:
  explicit Rules(const chained::Guards& guards = {}) : chained::Rules(guards) {}

  std::string_view name() const noexcept override { return "pbeegees"; }
  Result<void, Refusal> check_explicit(const chained::BlockTree& tree, const chained::Node& node,
                                       const ChainConfig& config,
                                       const Hasher& hasher) const override;
  /// Down to a certified block (3.7).
  chained::Walk validated(const chained::BlockTree& tree, const chained::Node& node) const override;
  /// Traceback validation (3.6).
  chained::Walk may_vote(const chained::BlockTree& tree, const chained::Node& node,
                         const chained::SafetyRecord& record) const override;
  /// 4.2: tip := B.
  Tip tip_after_vote(const chained::BlockTree& tree, const Tip& tip,
                     const chained::Node& voted) const override;
  /// Section 2: the highest certified block that is held and validated, if above the last vote.
  Tip tip_after_certificate(const Tip& tip, const chained::Node& certified) const override;
  bool votes_in_timeouts() const noexcept override { return true; }  // 4.7
  chained::ParentChoice choose_parent(const chained::Outlook& outlook) const override;
  chained::CommitVerdict judge_commit(const chained::BlockTree& tree,
                                      const chained::Node& b2) const override;
  void check_invariants(const chained::BlockTree& tree,
                        const chained::SafetyRecord& record) const override;
};

}  // namespace waggle::pbeegees
