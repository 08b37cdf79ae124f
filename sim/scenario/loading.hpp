#pragma once

#include "sim/scenario/fields.hpp"
#include "sim/scenario/scenario.hpp"

/// The parts of the loader, one per section of the file.
namespace waggle::sim {

/// [network], [network.before_gst], [[network.link]], [network.regions].
NetworkOptions load_network(const config::Section& root, std::uint32_t addresses);
/// [[fault]].
std::vector<FaultSpec> load_faults(const config::Section& root, std::uint32_t addresses,
                                   config::Diagnosis& diagnosis);
/// The keys that an adversary of this kind has besides those of all.
std::vector<std::string_view> keys_of(const AdversaryKind& kind);
/// [[adversary]].
std::vector<AdversarySpec> load_adversaries(const config::Section& root, std::uint32_t addresses,
                                            config::Diagnosis& diagnosis);

/// The steps of [[adversary]].plan; `name` is the adversary's in messages.
Plan load_plan(const config::Section& adversary, const std::string& name, std::uint32_t n,
               config::Diagnosis& diagnosis);

/// The texts of a list; empty, and reported, if it is none.
std::vector<std::string> texts_of(const config::Section& section, std::string_view key,
                                  const config::Value& value);

/// Puts the overrides into a parsed file.
void apply_overrides(config::Table& table, const std::vector<Override>& overrides,
                     config::Diagnosis& diagnosis);

}  // namespace waggle::sim
