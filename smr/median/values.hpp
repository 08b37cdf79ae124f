#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "smr/median/sample.hpp"

/// The rules for single values (specification, section 2). Each takes the replies of one round in
/// the order in which they were asked for, and may reorder them; it returns the server's next
/// value, or nothing: undecided.
namespace waggle::median {

using Value = std::uint64_t;

/// Algorithm 2: f of l replies, with at least l of them.
template <class F>
std::optional<Value> value_rule(const Parameters& parameters, std::span<Value> replies, Rng& rng,
                                F f) {
  if (replies.size() < parameters.l) return std::nullopt;
  return f(draw_replies(parameters, replies, rng));
}

/// Algorithm 1: the median of l replies; the lower one of an even number.
std::optional<Value> median_rule(const Parameters& parameters, std::span<Value> replies, Rng& rng);

/// Algorithm 2 with the largest value.
std::optional<Value> priority_rule(const Parameters& parameters, std::span<Value> replies,
                                   Rng& rng);

/// Algorithm 4: `rumour` if any reply holds it, else `dummy`. Fewer than l replies: undecided.
std::optional<Value> gossip_rule(const Parameters& parameters, std::span<const Value> replies,
                                 Value rumour, Value dummy);

}  // namespace waggle::median
