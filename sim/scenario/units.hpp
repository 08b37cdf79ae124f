#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/base/latency.hpp"

/// Quantities as scenario files write them. All parsers refuse (with nothing) what they do not
/// read to its end, and what is out of range.
namespace waggle::sim {

/// "250us", "20ms", "1.5s", "2min", "1h"; not negative, at most 1,000 hours.
std::optional<Duration> parse_duration(std::string_view text);
/// "5%", "0.25%"; 0 to 100.
std::optional<Share> parse_share(std::string_view text);
/// "512B", "64KiB", "1.5MiB", "2GiB".
std::optional<std::uint64_t> parse_bytes(std::string_view text);
/// Bytes per second from "100Mbit/s", "1Gbit/s", "10MiB/s".
std::optional<std::uint64_t> parse_rate(std::string_view text);
/// "2ms", "uniform(200us, 4ms)", "lognormal(2ms, 0.5)" (median, sigma; at most 64 medians) or
/// "lognormal(2ms, 0.5, 100ms)" (at most that long).
std::optional<Latency> parse_latency(std::string_view text);

// The other way round; parsing gives the value back.
std::string to_text(Duration span);
std::string to_text(Share share);
std::string to_text(const Latency& latency);

// What a right one looks like, for error messages.
inline constexpr std::string_view kDurationLooks =
    R"(a duration such as "250us", "20ms" or "1.5s")";
inline constexpr std::string_view kShareLooks = R"(a share such as "5%" or "0.25%")";
inline constexpr std::string_view kBytesLooks = R"(a size such as "512B", "64KiB" or "1.5MiB")";
inline constexpr std::string_view kRateLooks = R"(a rate such as "100Mbit/s" or "10MiB/s")";
inline constexpr std::string_view kLatencyLooks =
    "\"2ms\", \"uniform(200us, 4ms)\" or \"lognormal(2ms, 0.5)\"";

}  // namespace waggle::sim
