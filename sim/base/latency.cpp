#include "sim/base/latency.hpp"

#include <algorithm>

namespace waggle::sim {
namespace {

// Fixed point with 16 bits behind the point.
constexpr std::int64_t kOne = 1 << 16;

/// Standard normal, as the sum of twelve uniform draws: exact enough, and the same everywhere.
std::int64_t draw_normal(Random& random) {
  std::int64_t sum = 0;
  for (int draw = 0; draw < 3; ++draw) {
    std::uint64_t bits = random.next();
    for (int part = 0; part < 4; ++part, bits >>= 16) {
      sum += static_cast<std::int64_t>(bits & 0xffff);
    }
  }
  return sum - 6 * kOne;
}

/// `span` * 2^x, to about one part in ten thousand; x is at least -16 and below 16.
std::int64_t times_power_of_two(std::int64_t span, std::int64_t x) {
  const std::int64_t whole = x >> 16;
  const std::int64_t f = x & (kOne - 1);
  std::int64_t power = 5118;
  power = 14816 + (power * f >> 16);
  power = 45602 + (power * f >> 16);
  power = kOne + (power * f >> 16);
  const std::int64_t scaled = whole >= 0 ? span * power << whole : span * power >> -whole;
  return scaled >> 16;
}

}  // namespace

Duration Latency::draw(Random& random) const {
  if (kind_ == Kind::kConstant) return first_;
  if (kind_ == Kind::kUniform) return random.between(first_, max_);
  constexpr std::int64_t kLog2E = 94548;  // log2(e)
  const std::int64_t exponent =
      draw_normal(random) * static_cast<std::int64_t>(sigma_permille_) / 1000 * kLog2E >> 16;
  const std::int64_t bounded = std::clamp(exponent, -16 * kOne, 16 * kOne - 1);
  return std::min(Duration{times_power_of_two(first_.count(), bounded)}, max_);
}

std::string Latency::text() const {
  const auto micros = [](Duration span) { return std::to_string(span.count()) + "us"; };
  if (kind_ == Kind::kConstant) return micros(first_);
  if (kind_ == Kind::kUniform) return "uniform(" + micros(first_) + ", " + micros(max_) + ")";
  const std::string thousandths = std::to_string(sigma_permille_ % 1000 + 1000).substr(1);
  return "lognormal(" + micros(first_) + ", " + std::to_string(sigma_permille_ / 1000) + "." +
         thousandths + ", " + micros(max_) + ")";
}

}  // namespace waggle::sim
