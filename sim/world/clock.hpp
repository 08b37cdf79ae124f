#pragma once

#include "sim/base/random.hpp"

namespace waggle::sim {

struct ClockOptions {
  /// A clock runs at most this much fast or slow; drawn anew at every start of a replica.
  Share drift_max = permille(40);
  /// Replicas start up to this much apart. Hosts see spans and no time of day, so that is all
  /// that clocks which disagree can do to them.
  Duration skew_max{0};
};

/// A replica's clock: measures spans, and not quite rightly.
class Clock {
 public:
  static Clock drifting(Share drift_max, Random& random) {
    const auto most = static_cast<std::int64_t>(drift_max.ppm);
    return Clock(static_cast<std::int64_t>(random.below(2 * drift_max.ppm + 1)) - most);
  }
  explicit Clock(std::int64_t ppm = 0) : ppm_(ppm) {}

  /// How long a span by this clock takes in truth.
  Duration real(Duration span) const { return span + span * ppm_ / 1'000'000; }
  /// Millionths that it runs slow; negative: fast.
  std::int64_t ppm() const noexcept { return ppm_; }

 private:
  std::int64_t ppm_;
};

}  // namespace waggle::sim
