#include "consensus/pbeegees/validity.hpp"

namespace waggle::pbeegees {
namespace {

using Checked = Result<void, Refusal>;

/// 3.1 without the proposer, which well-formedness covers.
Checked check_position(const Node& parent, const Block& block) {
  if (block.height() != parent.height().next()) return Unexpected{Refusal::kBadHeight};
  if (block.view() <= parent.view()) return Unexpected{Refusal::kBadView};
  return {};
}

/// The block that B.qc certifies, if it is a strict ancestor of B.
std::optional<CommittedRef> find_certified_ancestor(const BlockTree& tree, const Node& parent,
                                                    const Digest& id) {
  for (const Node* at = &parent; at != nullptr; at = at->parent) {
    if (at->id() == id) return CommittedRef{id, at->view(), at->height()};
  }
  return tree.committed(id);
}

/// 3.2.
Checked check_qc(const Node& parent, const Block& block, const CommittedRef& certified) {
  if (certified.view != block.qc->view) return Unexpected{Refusal::kQcNotAncestor};
  if (block.qc->view < parent.block->qc->view) return Unexpected{Refusal::kQcBelowParent};
  return {};
}

/// 3.3: the fast form.
Checked check_fast(const Block& block) {
  const bool fast = block.qc->view.next() == block.view() && block.parent() == block.qc->block;
  if (!fast) return Unexpected{Refusal::kNotFastForm};
  return {};
}

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

/// 3.5 without the sizes, which well-formedness covers.
Checked check_content(const Node& node, const CommittedRef& certified, const ChainConfig& config,
                      const Hasher& hasher) {
  const Block& block = *node.block;
  if (node.before->root(hasher) != block.header.history_root) {
    return Unexpected{Refusal::kBadHistoryRoot};
  }
  const std::uint64_t suffix = block.height().value - certified.height.value - 1;
  if (suffix > config.depth_max && !block.payload->is_empty()) {
    return Unexpected{Refusal::kPayloadBeyondDepth};
  }
  return {};
}

Walk missing(const Node& node) {
  return Unexpected{WalkFailure{Refusal::kMissingAncestor, node.block->parent()}};
}

Walk check_node(const BlockTree& tree, const Node& node) {
  if (node.validity == Validity::kInvalid) {
    return Unexpected{WalkFailure{Refusal::kInvalidAncestor, std::nullopt}};
  }
  if (node.validity == Validity::kValid) return {};
  if (tree.leaves_committed(&node)) {
    return Unexpected{WalkFailure{Refusal::kConflictsCommitted, std::nullopt}};
  }
  return missing(*tree.lowest_present(&node));
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
  const Node& parent = *node.parent;
  const Block& block = *node.block;
  if (auto position = check_position(parent, block); !position) return position;
  const auto certified = find_certified_ancestor(tree, parent, block.qc->block);
  if (!certified) return Unexpected{Refusal::kQcNotAncestor};
  if (auto qc = check_qc(parent, block, *certified); !qc) return qc;
  if (auto form = block.tc ? check_timeout_form(parent, block, guards) : check_fast(block); !form) {
    return form;
  }
  return check_content(node, *certified, config, hasher);
}

Walk walk_to_certified(const BlockTree& tree, const Node& node, const Guards& guards) {
  if (auto self = check_node(tree, node); !self) return self;
  if (!guards.traceback || &node == tree.head()) return {};
  const Digest& stop = node.block->qc->block;  // B_QC: f+1 honest replicas walked on from there.
  for (const Node* at = node.parent; at->id() != stop && at != tree.head(); at = at->parent) {
    if (auto step = check_node(tree, *at); !step) return step;
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
