#include "smr/client/latency_estimate.hpp"

#include <algorithm>

namespace waggle::client {

void LatencyEstimate::sample(Duration latency) {
  if (mean_ == Duration{0}) {
    mean_ = latency;
    deviation_ = latency / 2;
    return;
  }
  const Duration error = latency - mean_;
  deviation_ += (std::chrono::abs(error) - deviation_) / 4;
  mean_ += error / 8;
}

Timing LatencyEstimate::stretch(Timing least) const {
  const auto at_least = [&least](Duration span, Duration measured) {
    return std::max(span, std::min(measured, least.patience_max));
  };
  Timing timing = least;
  timing.fallback_after = at_least(least.fallback_after, mean_ + 4 * deviation_);
  timing.straggler_after = at_least(least.straggler_after, mean_ / 2);
  return timing;
}

}  // namespace waggle::client
