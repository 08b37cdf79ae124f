#include "consensus/chained/timeout_collector.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include "consensus/core/ensure.hpp"

namespace waggle::chained {

std::optional<Refusal> TimeoutCollector::add(const Timeout& timeout) {
  std::map<View, Timeout>& own = timeouts_.at(timeout.sender.value);
  const auto [at, fresh] = own.emplace(timeout.view, timeout);
  const bool better = !fresh && at->second.tip.rank() < timeout.tip.rank();
  if (!fresh && !better) return Refusal::kDuplicate;
  if (better) at->second = timeout;
  drop_old(own);
  if (!own.contains(timeout.view)) return Refusal::kStaleView;
  // The lowest two are those being collected for; in between nothing is of use.
  const bool too_many = own.size() > kTimeoutsPerReplica;
  while (own.size() > kTimeoutsPerReplica) own.erase(std::prev(own.end(), 2));
  return too_many ? std::optional(Refusal::kTooMany) : std::nullopt;
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

bool TimeoutCollector::any_of(View view) const {
  return std::any_of(timeouts_.begin(), timeouts_.end(),
                     [view](const std::map<View, Timeout>& own) { return own.contains(view); });
}

std::vector<Timeout> TimeoutCollector::of(View view) const {
  std::vector<Timeout> found;
  for (const std::map<View, Timeout>& own : timeouts_) {
    if (const auto at = own.find(view); at != own.end()) found.push_back(at->second);
  }
  return found;
}

TcPtr assemble_tc(View view, std::vector<Timeout> timeouts, const ChainConfig& config) {
  ENSURE(timeouts.size() >= config.tc_quorum());
  std::stable_sort(timeouts.begin(), timeouts.end(),
                   [](const Timeout& a, const Timeout& b) { return a.tip.rank() > b.tip.rank(); });
  timeouts.resize(config.tc_quorum());
  return std::make_shared<const TimeoutCert>(make_timeout_cert(view, std::move(timeouts)));
}

}  // namespace waggle::chained
