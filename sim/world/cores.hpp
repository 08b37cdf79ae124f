#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "consensus/chained/rules.hpp"

namespace waggle::sim {

/// The protocols that can be simulated, as scenarios name them.
std::span<const std::string_view> core_names();

/// Null if there is none of this name.
std::unique_ptr<const chained::Rules> make_rules(std::string_view core,
                                                 const chained::Guards& guards);

/// Whether replicas report in timeouts what they voted for, not only what is certified.
bool tips_follow_votes(std::string_view core);

/// D of 3.7c. BeeGees has no such rule; the HotStuffs build on certified blocks only.
std::uint32_t default_depth_max(std::string_view core, std::uint32_t f);

}  // namespace waggle::sim
