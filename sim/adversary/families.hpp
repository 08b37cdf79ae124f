#pragma once

#include <vector>

#include "sim/adversary/adversary.hpp"

/// The strategies by family; registry.cpp puts them together. Each family is a file, and its
/// classes are known there only.
namespace waggle::sim {

std::vector<AdversaryKind> silence_kinds();
std::vector<AdversaryKind> proposal_kinds();
std::vector<AdversaryKind> vote_kinds();
std::vector<AdversaryKind> certificate_kinds();
std::vector<AdversaryKind> timeout_kinds();
std::vector<AdversaryKind> tc_kinds();
AdversaryKind invalid_block_kind();
AdversaryKind hollow_chain_kind();
std::vector<AdversaryKind> noise_kinds();
AdversaryKind garbage_kind();
/// Another one of these in every view.
AdversaryKind mixed_kind();

/// For AdversaryKind::make.
template <class Strategy>
std::unique_ptr<Adversary> make(const AdversarySetup& setup, const Parameters& parameters) {
  return std::make_unique<Strategy>(setup, parameters);
}

/// The value of a parameter that the kind has.
inline std::int64_t value_of(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  ENSURE(found != parameters.end(), "a value for every parameter");
  return found->second;
}
inline std::uint64_t count_of(const Parameters& parameters, std::string_view name) {
  return static_cast<std::uint64_t>(value_of(parameters, name));
}
inline Share share_of(const Parameters& parameters, std::string_view name) {
  return {static_cast<std::uint32_t>(value_of(parameters, name))};
}

inline constexpr std::int64_t kWhole = 1'000'000;  ///< A share of all.

inline ParameterKind share(std::string_view name, std::string_view meaning, std::int64_t fallback) {
  return {name, meaning, ParameterKind::Unit::kShare, fallback, 0, kWhole};
}
inline ParameterKind count(std::string_view name, std::string_view meaning, std::int64_t fallback,
                           std::int64_t min, std::int64_t max) {
  return {name, meaning, ParameterKind::Unit::kCount, fallback, min, max};
}
inline ParameterKind duration(std::string_view name, std::string_view meaning, Duration fallback,
                              Duration max) {
  return {name, meaning, ParameterKind::Unit::kDuration, fallback.count(), 0, max.count()};
}
inline ParameterKind word(std::string_view name, std::string_view meaning,
                          std::vector<std::string_view> words) {
  const auto last = static_cast<std::int64_t>(words.size()) - 1;
  return {name, meaning, ParameterKind::Unit::kWord, 0, 0, last, std::move(words)};
}

/// A coin that falls the same way for equal `about`, such as a view, towards everybody.
inline bool same_chance(Share share, std::uint64_t about) {
  return Random(about * 7919 + 17).chance(share);
}

}  // namespace waggle::sim
