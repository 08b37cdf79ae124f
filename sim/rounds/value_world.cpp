#include "sim/rounds/value_world.hpp"

#include <algorithm>
#include <optional>

namespace waggle::sim::rounds {
namespace {

constexpr median::Value kDummyValue = 0;
constexpr median::Value kRumour = 1;

std::optional<median::Value> apply(const ValueOptions& options, std::span<median::Value> replies,
                                   Rng& rng) {
  switch (options.rule) {
    case ValueRule::kMedian: return median::median_rule(options.parameters, replies, rng);
    case ValueRule::kPriority: return median::priority_rule(options.parameters, replies, rng);
    case ValueRule::kGossip: break;
  }
  return median::gossip_rule(options.parameters, replies, kRumour, kDummyValue);
}

}  // namespace

ValueWorld::ValueWorld(const ValueOptions& options, std::unique_ptr<Blocker> blocker)
    : options_(options),
      blocker_(std::move(blocker)),
      random_(options.seed),
      adversary_(random_.fork()),
      answered_(options.parameters.n) {
  const std::uint32_t n = options_.parameters.n;
  for (std::uint32_t i = 0; i < n; ++i) {
    holds_.push_back(random_.chance(options_.useful) ? 1 : 0);
    values_.push_back(random_.below(options_.values));
  }
  next_values_ = values_;
  next_holds_ = holds_;
  useful_ = static_cast<std::uint32_t>(std::count(holds_.begin(), holds_.end(), 1));
}

void ValueWorld::round() {
  const std::uint32_t n = options_.parameters.n;
  blocking_.clear(n);
  blocker_->block(
      {.round = round_, .n = n, .holds = holds_, .answered = answered_, .values = values_},
      adversary_, blocking_);
  std::fill(answered_.begin(), answered_.end(), 0);
  blocked_ = 0;
  useful_ = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    next_holds_[i] = 0;
    if (blocking_.is_blocked(i)) {
      ++blocked_;
      continue;
    }
    median::draw_targets(options_.parameters, random_, targets_);
    replies_.clear();
    for (const std::uint32_t target : targets_) {
      if (holds_[target] == 0 || blocking_.is_blocked(target)) continue;
      if (!blocking_.hears(i, target)) continue;
      ++answered_[target];
      replies_.push_back(values_[target]);
    }
    if (const auto value = apply(options_, replies_, random_)) {
      next_values_[i] = *value;
      next_holds_[i] = 1;
      ++useful_;
    }
  }
  values_.swap(next_values_);
  holds_.swap(next_holds_);
  ++round_;
}

std::uint32_t ValueWorld::distinct() const {
  std::vector<median::Value> held;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (holds_[i] != 0) held.push_back(values_[i]);
  }
  std::sort(held.begin(), held.end());
  return static_cast<std::uint32_t>(std::unique(held.begin(), held.end()) - held.begin());
}

}  // namespace waggle::sim::rounds
