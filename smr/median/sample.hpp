#pragma once

#include <span>
#include <utility>
#include <vector>

#include "consensus/core/ensure.hpp"
#include "consensus/core/interfaces.hpp"
#include "smr/median/parameters.hpp"

namespace waggle::median {

/// Uniform in 0 .. bound-1, from 32 random bits; the bias is below bound / 2^32.
inline std::uint32_t draw(Rng& rng, std::uint32_t bound) noexcept {
  return static_cast<std::uint32_t>(((rng.next() >> 32) * bound) >> 32);
}

/// Whom to ask in a round: k servers, each drawn uniformly and independently, oneself allowed;
/// or everyone once, in order, where n is small enough.
void draw_targets(const Parameters& parameters, Rng& rng, std::vector<std::uint32_t>& targets);

/// Whom an append request goes to: append_fanout() servers, drawn with replacement.
void draw_append_targets(const Parameters& parameters, Rng& rng,
                         std::vector<std::uint32_t>& targets);

/// M: `l` of the replies, drawn uniformly, which come to stand in front in the order in which
/// they were drawn; or all of them where everyone is asked. Of fewer than l none can be drawn.
template <class Reply>
std::span<Reply> draw_replies(const Parameters& parameters, std::span<Reply> replies, Rng& rng) {
  if (parameters.asks_everyone()) return replies;
  ENSURE(replies.size() >= parameters.l);
  for (std::uint32_t i = 0; i < parameters.l; ++i) {
    const auto left = static_cast<std::uint32_t>(replies.size()) - i;
    std::swap(replies[i], replies[i + draw(rng, left)]);
  }
  return replies.first(parameters.l);
}

}  // namespace waggle::median
