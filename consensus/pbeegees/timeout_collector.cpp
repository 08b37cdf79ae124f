#include "consensus/pbeegees/timeout_collector.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include "consensus/pbeegees/validity.hpp"

namespace waggle::pbeegees {

void TimeoutCollector::add(const Timeout& timeout) {
  std::map<View, Timeout>& own = timeouts_.at(timeout.sender.value);
  const auto [at, fresh] = own.emplace(timeout.view, timeout);
  if (!fresh && at->second.tip.rank() < timeout.tip.rank()) at->second = timeout;
  drop_old(own);
  // The lowest two are those being collected for; in between nothing is of use.
  while (own.size() > 3) own.erase(std::prev(own.end(), 2));
}

void TimeoutCollector::prune(View view) {
  view_ = view;
  for (std::map<View, Timeout>& own : timeouts_) drop_old(own);
}

void TimeoutCollector::drop_old(std::map<View, Timeout>& own) const {
  while (own.size() > 1 && own.begin()->first < view_.previous()) own.erase(own.begin());
}

std::vector<View> TimeoutCollector::highest_views() const {
  std::vector<View> views;
  for (const std::map<View, Timeout>& own : timeouts_) {
    if (!own.empty()) views.push_back(own.rbegin()->first);
  }
  std::sort(views.begin(), views.end(), std::greater<>());
  return views;
}

std::optional<View> TimeoutCollector::join_view(View view) const {
  const std::vector<View> views = highest_views();
  if (views.size() <= config_.f() || views[config_.f()] < view) return std::nullopt;
  return views[config_.f()];
}

std::optional<View> TimeoutCollector::quorum_view() const {
  const std::vector<View> views = highest_views();
  if (views.size() < config_.quorum()) return std::nullopt;
  return views[config_.quorum() - 1];
}

std::optional<View> TimeoutCollector::exact_quorum_view(View view) const {
  std::size_t found = 0;
  for (const std::map<View, Timeout>& own : timeouts_) found += own.count(view);
  if (found < config_.quorum()) return std::nullopt;
  return view;
}

std::vector<Timeout> TimeoutCollector::highest_from(View view) const {
  std::vector<Timeout> found;
  for (const std::map<View, Timeout>& own : timeouts_) {
    if (!own.empty() && own.rbegin()->first >= view) found.push_back(own.rbegin()->second);
  }
  for (Timeout& timeout : found) {  // what the signature does not cover stays out of a proof
    timeout.full_qc = nullptr;
    timeout.high_qc = {};
  }
  return found;
}

bool TimeoutCollector::validated(const Tip& tip, const BlockTree& tree) const {
  const Node* node = tree.find(tip.block);
  if (node == nullptr || !node->connected()) return false;
  const bool true_rank = tip.rank() == node->block->rank();
  if (guards_.rank_claims_checked && !true_rank) return false;
  return walk_to_certified(tree, *node, guards_).has_value();
}

TimeoutCollector::Counted TimeoutCollector::count(View view, const BlockTree& tree) const {
  std::vector<Timeout> good;
  std::vector<Timeout> rest;
  View highest;
  for (const std::map<View, Timeout>& own : timeouts_) {
    const auto at = own.find(view);
    if (at == own.end()) continue;
    const bool counts = !guards_.prudent_counting || validated(at->second.tip, tree);
    if (counts) highest = std::max(highest, at->second.tip.view);
    (counts ? good : rest).push_back(at->second);
  }
  Counted result;
  for (const Timeout& timeout : rest) {
    // 3.7a: of a lower view than a validated tip; it cannot be the parent.
    if (!good.empty() && timeout.tip.view < highest) {
      good.push_back(timeout);
    } else if (tree.find(timeout.tip.block) == nullptr ||
               !tree.find(timeout.tip.block)->connected()) {
      result.missing.push_back({timeout.tip.block, timeout.sender});
    }
  }
  if (good.size() < config_.quorum()) return result;
  std::stable_sort(good.begin(), good.end(),
                   [](const Timeout& a, const Timeout& b) { return a.tip.rank() > b.tip.rank(); });
  good.resize(config_.quorum());
  result.tc = make_timeout_cert(view, std::move(good));
  return result;
}

}  // namespace waggle::pbeegees
