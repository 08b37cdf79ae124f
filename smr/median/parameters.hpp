#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "consensus/core/result.hpp"

namespace waggle::median {

/// Number of a round; rounds start at 0. Below 2^39, which at 20 ms a round is 348 years.
using Round = std::uint64_t;
inline constexpr Round kRoundEnd = Round{1} << 39;
/// Number of a window, round / B when sealing, round / T in Algorithm 6.
using Window = std::uint64_t;

/// A positive rational, so that no core needs floating point.
struct Ratio {
  std::uint32_t numerator = 1;
  std::uint32_t denominator = 1;
};

/// What all servers agree on from the start; names as in the specification, section 1.
struct Parameters {
  std::uint32_t n = 0;   ///< Servers.
  std::uint32_t k = 6;   ///< Requests that a server sends in a round.
  std::uint32_t l = 3;   ///< Replies that it needs. Odd.
  Ratio sigma;           ///< Amplification: a new command goes to sigma * log2(n) servers.
  std::uint32_t T = 31;  ///< Rounds until an entry is old enough to commit or to be sealed.
  std::uint32_t B = 16;  ///< Rounds of a window, when sealing.

  /// Up to 32 servers everyone is asked and every reply is used (section 8, "small n").
  bool asks_everyone() const noexcept { return n <= 32; }
  /// More than n/2.
  std::uint32_t majority() const noexcept { return n / 2 + 1; }
};

/// Which parameter is wrong, by its name in the specification, and why.
struct ParameterError {
  std::string_view parameter;
  std::string message;
};

/// n >= 1, k >= l > 1, l odd, sigma > 0, T >= 1, B >= 1. Reports the first that fails.
Result<void, ParameterError> check(const Parameters& parameters);

/// log2(n), rounded up; 0 for n = 1.
std::uint32_t ceil_log2(std::uint32_t n) noexcept;

/// Servers that an append request goes to: sigma * ceil(log2(n)), rounded up, at least 1.
std::uint32_t append_fanout(const Parameters& parameters) noexcept;

}  // namespace waggle::median
