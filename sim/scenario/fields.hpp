#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/units.hpp"
#include "smr/config/section.hpp"

namespace waggle::sim {

/// Reads the values of one section of a scenario file that have units. What is wrong goes to the
/// section's diagnosis, as with the section's own readers.
class Fields {
 public:
  explicit Fields(const config::Section& section) : section_(section) {}

  const config::Section& section() const noexcept { return section_; }
  bool has(std::string_view key) const { return section_.has(key); }

  Duration duration(std::string_view key, Duration fallback) const {
    return read(key, fallback, parse_duration, kDurationLooks);
  }
  std::optional<Duration> optional_duration(std::string_view key) const {
    if (!has(key)) return std::nullopt;
    return duration(key, Duration{0});
  }
  Share share(std::string_view key, Share fallback) const {
    return read(key, fallback, parse_share, kShareLooks);
  }
  std::uint64_t bytes(std::string_view key, std::uint64_t fallback) const {
    return read(key, fallback, parse_bytes, kBytesLooks);
  }
  std::uint64_t rate(std::string_view key, std::uint64_t fallback) const {
    return read(key, fallback, parse_rate, kRateLooks);
  }
  Latency latency(std::string_view key, const Latency& fallback) const {
    return read(key, fallback, parse_latency, kLatencyLooks);
  }
  template <class T>
  T count(std::string_view key, config::Range range, T fallback) const {
    return section_.integer<T>(key, range, fallback);
  }
  /// Replicas 0 .. n-1; empty if the key is absent.
  std::vector<std::uint32_t> replicas(std::string_view key, std::uint32_t n) const {
    return section_.integers<std::uint32_t>(key, {0, std::int64_t{n} - 1});
  }
  /// At least one replica.
  std::vector<std::uint32_t> some_replicas(std::string_view key, std::uint32_t n) const {
    auto ids = replicas(key, n);
    if (ids.empty()) section_.fail(key, "must be a list of replicas, such as [0, 2]");
    return ids;
  }

 private:
  template <class T, class Parse>
  T read(std::string_view key, const T& fallback, const Parse& parse,
         std::string_view looks) const {
    if (!has(key)) return fallback;
    const auto* text = std::get_if<std::string>(&section_.find(key)->data);
    const auto value = text == nullptr ? std::nullopt : parse(*text);
    if (value) return *value;
    const std::string found = text == nullptr ? "this" : "\"" + *text + "\"";
    section_.fail(key, found + " is not " + std::string(looks));
    return fallback;
  }

  const config::Section& section_;
};

}  // namespace waggle::sim
