#include "consensus/pbeegees/validity.hpp"

#include "consensus/chained/structure.hpp"

namespace waggle::pbeegees {

using namespace chained;

namespace {

using Checked = Result<void, Refusal>;

/// 3.4: the timeout form.
Checked check_timeout_form(const Node& parent, const Block& block, const Guards& guards) {
  const TimeoutCert& tc = *block.tc;
  if (tc.view.next() != block.view()) return Unexpected{Refusal::kBadCertificate};
  const Rank best = tc.rank_max();
  const bool certified_by_qc = block.qc->block == parent.id();
  bool named = false;
  bool false_claim = false;
  for (const Tip& tip : tc.tips) {
    if (tip.block != parent.id()) continue;
    named = true;
    // The exception of 3.4: of the highest view, the tip that B.qc certifies may be chosen.
    if (certified_by_qc && tip.view == best.view && tip.view == parent.view()) return {};
    const bool maximal = guards.rank_by_qc_view ? tip.rank() == best : tip.view == best.view;
    if (!maximal) continue;
    if (tip.rank() == parent.block->rank() || !guards.rank_claims_checked) return {};
    false_claim = true;
  }
  if (false_claim) return Unexpected{Refusal::kFalseRank};
  if (named && !guards.parent_of_maximal_rank) return {};
  return Unexpected{Refusal::kRankNotMaximal};
}

/// 3.6, second half: another tip of the parent's view.
Walk check_other_tip(const BlockTree& tree, const Tip& tip, const Guards& guards) {
  const Node* node = tree.find(tip.block);
  if (node == nullptr) {
    if (tree.is_committed(tip.block)) return {};
    return Unexpected{WalkFailure{Refusal::kMissingTip, tip.block}};
  }
  // "A tip whose branch leaves the committed chain below its head counts as walked."
  if (tree.leaves_committed(node)) return {};
  return walk_to_certified(tree, *node, guards);
}

}  // namespace

Checked check_explicit(const BlockTree& tree, const Node& node, const ChainConfig& config,
                       const Hasher& hasher, const Guards& guards) {
  if (auto structure = check_structure(tree, node, config, hasher); !structure) return structure;
  const Block& block = *node.block;
  if (block.tc) return check_timeout_form(*node.parent, block, guards);
  if (!is_fast(block)) return Unexpected{Refusal::kNotFastForm};  // 3.3
  return {};
}

Walk walk_to_certified(const BlockTree& tree, const Node& node, const Guards& guards) {
  if (auto self = check_valid(tree, node); !self) return self;
  if (!guards.traceback || &node == tree.head()) return {};
  const Digest& stop = node.block->qc->block;  // B_QC: f+1 honest replicas walked on from there.
  for (const Node* at = node.parent; at->id() != stop && at != tree.head(); at = at->parent) {
    if (auto step = check_valid(tree, *at); !step) return step;
    if (!guards.traceback_beyond_parent) break;
  }
  return {};
}

Walk traceback(const BlockTree& tree, const Node& node, const Guards& guards) {
  if (auto walk = walk_to_certified(tree, node, guards); !walk) return walk;
  if (!node.block->tc || !guards.parent_view_tips) return {};
  const Node& parent = *node.parent;
  for (const Tip& tip : node.block->tc->tips) {
    if (tip.view != parent.view() || tip.block == parent.id()) continue;
    if (auto other = check_other_tip(tree, tip, guards); !other) return other;
  }
  return {};
}

}  // namespace waggle::pbeegees
