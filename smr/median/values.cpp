#include "smr/median/values.hpp"

#include <algorithm>

namespace waggle::median {

std::optional<Value> median_rule(const Parameters& parameters, std::span<Value> replies, Rng& rng) {
  return value_rule(parameters, replies, rng, [](std::span<Value> chosen) {
    const auto middle = chosen.begin() + static_cast<std::ptrdiff_t>((chosen.size() - 1) / 2);
    std::nth_element(chosen.begin(), middle, chosen.end());
    return *middle;
  });
}

std::optional<Value> priority_rule(const Parameters& parameters, std::span<Value> replies,
                                   Rng& rng) {
  return value_rule(parameters, replies, rng, [](std::span<Value> chosen) {
    return *std::max_element(chosen.begin(), chosen.end());
  });
}

std::optional<Value> gossip_rule(const Parameters& parameters, std::span<const Value> replies,
                                 Value rumour, Value dummy) {
  if (replies.size() < parameters.l) return std::nullopt;
  const bool heard = std::find(replies.begin(), replies.end(), rumour) != replies.end();
  return heard ? rumour : dummy;
}

}  // namespace waggle::median
