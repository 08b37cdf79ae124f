#include "consensus/pbeegees/rules.hpp"

#include "consensus/core/ensure.hpp"
#include "consensus/pbeegees/commit_rule.hpp"
#include "consensus/pbeegees/prudent_counting.hpp"
#include "consensus/pbeegees/validity.hpp"

namespace waggle::pbeegees {

using namespace chained;

Result<void, Refusal> Rules::check_explicit(const BlockTree& tree, const Node& node,
                                            const ChainConfig& config, const Hasher& hasher) const {
  return pbeegees::check_explicit(tree, node, config, hasher, guards());
}

Walk Rules::validated(const BlockTree& tree, const Node& node) const {
  return walk_to_certified(tree, node, guards());
}

Walk Rules::may_vote(const BlockTree& tree, const Node& node, const SafetyRecord&) const {
  return traceback(tree, node, guards());
}

Tip Rules::tip_after_vote(const BlockTree&, const Tip& tip, const Node& voted) const {
  return guards().tip_follows_vote ? voted.block->tip() : tip;
}

Tip Rules::tip_after_certificate(const Tip& tip, const Node& certified) const {
  return certified.view() > tip.view ? certified.block->tip() : tip;
}

ParentChoice Rules::choose_parent(const Outlook& outlook) const {
  return pbeegees::choose_parent(outlook, guards());
}

CommitVerdict Rules::judge_commit(const BlockTree& tree, const Node& b2) const {
  return pbeegees::judge_commit(tree, b2, guards());
}

void Rules::check_invariants(const BlockTree&, const SafetyRecord& record) const {
  ENSURE(record.last_voted_view <= record.tip.view || record.last_voted_block.is_zero() ||
             record.rejoin != RejoinPhase::kNone || !guards().tip_follows_vote,
         "4.2: the tip is at least the last vote");
}

}  // namespace waggle::pbeegees
