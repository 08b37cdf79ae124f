#include "consensus/baselines/fast_hotstuff.hpp"

#include <algorithm>

#include "consensus/baselines/highest_certified.hpp"
#include "consensus/chained/structure.hpp"
#include "consensus/chained/timeout_collector.hpp"

namespace waggle::baselines {

using namespace chained;

Result<void, Refusal> FastHotStuff::check_explicit(const BlockTree& tree, const Node& node,
                                                   const ChainConfig& config,
                                                   const Hasher& hasher) const {
  if (auto structure = check_structure(tree, node, config, hasher); !structure) return structure;
  const Block& block = *node.block;
  if (block.parent() != block.qc->block) return Unexpected{Refusal::kNotOnItsQc};
  if (is_fast(block)) return {};
  if (!block.tc) return Unexpected{Refusal::kNotFastForm};
  if (block.tc->view.next() != block.view()) return Unexpected{Refusal::kBadCertificate};
  // The aggregated QC: nobody who gave up the view before knew of a higher certified block.
  if (block.qc->view < block.tc->rank_max().view) return Unexpected{Refusal::kRankNotMaximal};
  return {};
}

Walk FastHotStuff::validated(const BlockTree& tree, const Node& node) const {
  return check_valid(tree, node);
}

Walk FastHotStuff::may_vote(const BlockTree& tree, const Node& node, const SafetyRecord&) const {
  return check_valid(tree, node);
}

Tip FastHotStuff::tip_after_vote(const BlockTree&, const Tip& tip, const Node&) const {
  return tip;
}

Tip FastHotStuff::tip_after_certificate(const Tip& tip, const Node& certified) const {
  return certified.view() > tip.view ? certified.block->tip() : tip;
}

ParentChoice FastHotStuff::choose_parent(const Outlook& outlook) const {
  const View before = outlook.view.previous();
  if (outlook.record.high_qc->view == before) return on_highest_certified(outlook, nullptr);
  std::vector<Timeout> timeouts = outlook.timeouts.of(before);
  // What claims more than is certified cannot be built upon, and is left out.
  std::erase_if(timeouts, [&](const Timeout& timeout) {
    return timeout.tip.view > outlook.record.high_qc->view;
  });
  if (timeouts.size() < outlook.config.quorum()) return {};
  return on_highest_certified(outlook, assemble_tc(before, std::move(timeouts), outlook.config));
}

CommitVerdict FastHotStuff::judge_commit(const BlockTree& tree, const Node& b2) const {
  Node* b1 = b2.parent;
  if (b1 == nullptr || b1->height() <= tree.head()->height()) return {};
  if (b2.view() != b1->view().next() && guards().commit_consecutive) return {};
  return {CommitVerdict::Kind::kCommit, b1};
}

}  // namespace waggle::baselines
