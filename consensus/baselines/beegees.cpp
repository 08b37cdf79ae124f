#include "consensus/baselines/beegees.hpp"

#include <algorithm>

#include "consensus/chained/structure.hpp"
#include "consensus/chained/timeout_collector.hpp"
#include "consensus/core/ensure.hpp"

namespace waggle::baselines {

using namespace chained;

Result<void, Refusal> BeeGees::check_explicit(const BlockTree& tree, const Node& node,
                                              const ChainConfig& config,
                                              const Hasher& hasher) const {
  if (auto structure = check_structure(tree, node, config, hasher); !structure) return structure;
  const Block& block = *node.block;
  if (!block.tc) {
    if (!is_fast(block)) return Unexpected{Refusal::kNotFastForm};
    return {};
  }
  if (block.tc->view.next() != block.view()) return Unexpected{Refusal::kBadCertificate};
  const Rank best = block.tc->rank_max();
  const bool named = std::any_of(block.tc->tips.begin(), block.tc->tips.end(), [&](const Tip& tip) {
    const bool certified = tip.view == best.view && block.qc->block == tip.block;
    return tip.block == block.parent() && (tip.rank() == best || certified);
  });
  if (!named) return Unexpected{Refusal::kRankNotMaximal};
  const bool true_rank = block.qc->block == block.parent() || node.parent->block->rank() == best;
  if (!true_rank) return Unexpected{Refusal::kFalseRank};
  return {};
}

Walk BeeGees::validated(const BlockTree& tree, const Node& node) const {
  if (auto self = check_valid(tree, node); !self) return self;
  if (&node == tree.head()) return {};
  return check_valid(tree, *node.parent);
}

Walk BeeGees::may_vote(const BlockTree& tree, const Node& node, const SafetyRecord&) const {
  return validated(tree, node);
}

Tip BeeGees::tip_after_vote(const BlockTree&, const Tip&, const Node& voted) const {
  return voted.block->tip();
}

Tip BeeGees::tip_after_certificate(const Tip& tip, const Node& certified) const {
  return certified.view() > tip.view ? certified.block->tip() : tip;
}

ParentChoice BeeGees::choose_parent(const Outlook& outlook) const {
  const View before = outlook.view.previous();
  for (Node* node : outlook.tree.in_view(before)) {
    if (node->certified() && validated(outlook.tree, *node)) return {Parent{node, nullptr}, {}};
  }
  std::vector<Timeout> timeouts = outlook.timeouts.of(before);
  if (timeouts.size() < outlook.config.quorum()) return {};
  const auto highest = std::max_element(
      timeouts.begin(), timeouts.end(),
      [](const Timeout& a, const Timeout& b) { return a.tip.rank() < b.tip.rank(); });
  Node* node = outlook.tree.find(highest->tip.block);
  if (node == nullptr || !node->connected()) {
    return {{}, {{highest->tip.block, highest->sender}}};  // and waits for it
  }
  return {Parent{node, assemble_tc(before, std::move(timeouts), outlook.config)}, {}};
}

CommitVerdict BeeGees::judge_commit(const BlockTree& tree, const Node& b2) const {
  Node* b1 = tree.find(b2.block->qc->block);
  if (b1 == nullptr || !b1->connected() || b1->height() <= tree.head()->height()) return {};
  for (const Node* z = &b2; z != b1; z = z->parent) {
    if (!z->block->tc || z->parent == b1) continue;
    for (const Tip& tip : z->block->tc->tips) {
      if (tip.view != z->parent->view() || tip.block == z->parent->id()) continue;
      const Node* other = tree.find(tip.block);
      if (other == nullptr || !tree.extends(other, b1->id())) {
        return {CommitVerdict::Kind::kSuspended, b1};
      }
    }
  }
  return {CommitVerdict::Kind::kCommit, b1};
}

}  // namespace waggle::baselines
