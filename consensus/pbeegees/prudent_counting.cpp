#include "consensus/pbeegees/prudent_counting.hpp"

#include <algorithm>

#include "consensus/chained/timeout_collector.hpp"
#include "consensus/pbeegees/validity.hpp"

namespace waggle::pbeegees {

using namespace chained;

namespace {

/// 3.7a: the branch down to a certified block is here and validated, and the rank is the real one.
bool is_validated(const Tip& tip, const BlockTree& tree, const Guards& guards) {
  const Node* node = tree.find(tip.block);
  if (node == nullptr || !node->connected()) return false;
  if (guards.rank_claims_checked && tip.rank() != node->block->rank()) return false;
  return walk_to_certified(tree, *node, guards).has_value();
}

struct Counted {
  std::vector<Timeout> timeouts;
  std::vector<ParentChoice::Missing> missing;  ///< What to fetch so that more of them count.
};

/// 3.7a: which timeouts a leader counts towards its TC.
Counted count(const std::vector<Timeout>& timeouts, const BlockTree& tree, const Guards& guards) {
  Counted counted;
  std::vector<Timeout> rest;
  View highest;
  for (const Timeout& timeout : timeouts) {
    const bool counts = !guards.prudent_counting || is_validated(timeout.tip, tree, guards);
    if (counts) highest = std::max(highest, timeout.tip.view);
    (counts ? counted.timeouts : rest).push_back(timeout);
  }
  for (const Timeout& timeout : rest) {
    const Node* node = tree.find(timeout.tip.block);
    if (!counted.timeouts.empty() && timeout.tip.view < highest) {
      counted.timeouts.push_back(timeout);  // below a validated tip: it cannot be the parent
    } else if (node == nullptr || !node->connected()) {
      counted.missing.push_back({timeout.tip.block, timeout.sender});
    }
  }
  return counted;
}

/// 3.4: a tip of maximal rank, or of the highest view one that is certified.
Node* highest_tip(const TimeoutCert& tc, const BlockTree& tree) {
  const Rank best = tc.rank_max();
  Node* chosen = nullptr;
  for (const Tip& tip : tc.tips) {
    Node* node = tree.find(tip.block);
    if (node == nullptr || !node->connected() || tip.view != best.view) continue;
    if (node->certified()) return node;
    if (tip.rank() == best) chosen = node;
  }
  return chosen;
}

}  // namespace

ParentChoice choose_parent(const Outlook& outlook, const Guards& guards) {
  const BlockTree& tree = outlook.tree;
  const View before = outlook.view.previous();
  for (Node* node : tree.in_view(before)) {
    if (node->certified() && walk_to_certified(tree, *node, guards)) {
      return {Parent{node, nullptr}, {}};
    }
  }
  Counted counted = count(outlook.timeouts.of(before), tree, guards);
  if (counted.timeouts.size() < outlook.config.tc_quorum()) return {{}, std::move(counted.missing)};
  const TcPtr tc = assemble_tc(before, std::move(counted.timeouts), outlook.config);
  Node* node = highest_tip(*tc, tree);
  if (node == nullptr) return {};
  return {Parent{node, tc}, {}};
}

}  // namespace waggle::pbeegees
