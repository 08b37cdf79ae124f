#include "consensus/chained/structure.hpp"

namespace waggle::chained {
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
Checked check_qc(const Node& parent, const Block& block, const CommittedRef& certified,
                 const ChainConfig& config) {
  const bool real_view = certified.view == block.qc->view;
  if (!real_view && config.certificate_guards.view_signed)
    return Unexpected{Refusal::kQcNotAncestor};
  if (block.qc->view < parent.block->qc->view) return Unexpected{Refusal::kQcBelowParent};
  return {};
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

}  // namespace

Checked check_structure(const BlockTree& tree, const Node& node, const ChainConfig& config,
                        const Hasher& hasher) {
  const Node& parent = *node.parent;
  const Block& block = *node.block;
  if (auto position = check_position(parent, block); !position) return position;
  const auto certified = find_certified_ancestor(tree, parent, block.qc->block);
  if (!certified) return Unexpected{Refusal::kQcNotAncestor};
  if (auto qc = check_qc(parent, block, *certified, config); !qc) return qc;
  return check_content(node, *certified, config, hasher);
}

bool is_fast(const Block& block) {
  return block.qc->view.next() == block.view() && block.parent() == block.qc->block;
}

Walk check_valid(const BlockTree& tree, const Node& node) {
  if (node.validity == Validity::kInvalid) {
    return Unexpected{WalkFailure{Refusal::kInvalidAncestor, std::nullopt}};
  }
  if (node.validity == Validity::kValid) return {};
  if (tree.leaves_committed(&node)) {
    return Unexpected{WalkFailure{Refusal::kConflictsCommitted, std::nullopt}};
  }
  const Digest& missing = tree.lowest_present(&node)->block->parent();
  return Unexpected{WalkFailure{Refusal::kMissingAncestor, missing}};
}

}  // namespace waggle::chained
