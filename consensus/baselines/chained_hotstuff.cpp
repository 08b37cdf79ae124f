#include "consensus/baselines/chained_hotstuff.hpp"

#include "consensus/baselines/highest_certified.hpp"
#include "consensus/chained/structure.hpp"
#include "consensus/chained/timeout_collector.hpp"

namespace waggle::baselines {

using namespace chained;

Result<void, Refusal> ChainedHotStuff::check_explicit(const BlockTree& tree, const Node& node,
                                                      const ChainConfig& config,
                                                      const Hasher& hasher) const {
  if (auto structure = check_structure(tree, node, config, hasher); !structure) return structure;
  if (node.block->parent() != node.block->qc->block) return Unexpected{Refusal::kNotOnItsQc};
  return {};  // a TC may come along, to move views; it proves nothing
}

Walk ChainedHotStuff::validated(const BlockTree& tree, const Node& node) const {
  return check_valid(tree, node);
}

Walk ChainedHotStuff::may_vote(const BlockTree& tree, const Node& node,
                               const SafetyRecord& record) const {
  if (auto self = check_valid(tree, node); !self) return self;
  const Tip& lock = record.tip;
  if (node.block->qc->view > lock.view || tree.extends(&node, lock.block)) return {};
  return Unexpected{WalkFailure{Refusal::kConflictsLock, std::nullopt}};
}

Tip ChainedHotStuff::tip_after_vote(const BlockTree&, const Tip& lock, const Node&) const {
  return lock;
}

Tip ChainedHotStuff::tip_after_certificate(const Tip& lock, const Node& certified) const {
  const Node* below = certified.parent;
  return below != nullptr && below->view() > lock.view ? below->block->tip() : lock;
}

ParentChoice ChainedHotStuff::choose_parent(const Outlook& outlook) const {
  const View before = outlook.view.previous();
  const bool by_certificate = outlook.record.high_qc->view == before;
  std::vector<Timeout> timeouts = outlook.timeouts.of(before);
  if (!by_certificate && timeouts.size() < outlook.config.quorum()) return {};
  TcPtr tc;
  if (!by_certificate) tc = assemble_tc(before, std::move(timeouts), outlook.config);
  return on_highest_certified(outlook, std::move(tc));
}

CommitVerdict ChainedHotStuff::judge_commit(const BlockTree& tree, const Node& b2) const {
  const Node* b1 = b2.parent;
  Node* b0 = b1 != nullptr ? b1->parent : nullptr;
  if (b0 == nullptr || b0->height() <= tree.head()->height()) return {};
  const bool consecutive = b2.view() == b1->view().next() && b1->view() == b0->view().next();
  if (!consecutive && guards().commit_consecutive) return {};
  return {CommitVerdict::Kind::kCommit, b0};
}

}  // namespace waggle::baselines
