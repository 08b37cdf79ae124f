#pragma once

#include <cstdint>
#include <string>

#include "consensus/core/ids.hpp"
#include "sim/base/random.hpp"

namespace waggle::sim {

/// How long something takes: a distribution over spans of time. Drawn in integers only, so that
/// every compiler and machine draws the same. A value; draws from the generator handed in.
class Latency {
 public:
  static Latency constant(Duration span) { return {Kind::kConstant, span, span, 0}; }
  /// Both ends included.
  static Latency uniform(Duration min, Duration max) { return {Kind::kUniform, min, max, 0}; }
  /// Median times e^(sigma * Z), Z standard normal within six sigmas; `sigma_permille` 500 is a
  /// sigma of 0.5. At most `max`.
  static Latency log_normal(Duration median, std::uint32_t sigma_permille, Duration max) {
    return {Kind::kLogNormal, median, max, sigma_permille};
  }

  Duration draw(Random& random) const;
  friend bool operator==(const Latency&, const Latency&) = default;
  /// As scenario files write it, such as "uniform(200us, 4000us)".
  std::string text() const;
  /// No draw is larger.
  Duration max() const noexcept { return max_; }

 private:
  enum class Kind : std::uint8_t { kConstant, kUniform, kLogNormal };
  Latency(Kind kind, Duration first, Duration max, std::uint32_t sigma_permille)
      : kind_(kind), first_(first), max_(max), sigma_permille_(sigma_permille) {}

  Kind kind_;
  Duration first_;  ///< Constant, minimum or median.
  Duration max_;
  std::uint32_t sigma_permille_;
};

}  // namespace waggle::sim
