#include "smr/median/sample.hpp"

namespace waggle::median {

void draw_targets(const Parameters& parameters, Rng& rng, std::vector<std::uint32_t>& targets) {
  targets.clear();
  if (parameters.asks_everyone()) {
    for (std::uint32_t i = 0; i < parameters.n; ++i) targets.push_back(i);
    return;
  }
  for (std::uint32_t i = 0; i < parameters.k; ++i) targets.push_back(draw(rng, parameters.n));
}

void draw_append_targets(const Parameters& parameters, Rng& rng,
                         std::vector<std::uint32_t>& targets) {
  targets.clear();
  const std::uint32_t count = append_fanout(parameters);
  for (std::uint32_t i = 0; i < count; ++i) targets.push_back(draw(rng, parameters.n));
}

}  // namespace waggle::median
