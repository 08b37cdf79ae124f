#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <map>

#include "consensus/core/bytes.hpp"

namespace waggle::daemon {

/// How long blocks take from their arrival at this replica to their execution. Main thread only.
class Latency {
 public:
  /// Upper bounds of the histogram's buckets, in seconds; a last one without a bound follows.
  static constexpr std::array<double, 12> kBounds = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
                                                     0.05,   0.1,   0.2,   0.5,   1.0,  5.0};
  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  ///< Per bucket, not cumulative.
    std::uint64_t count = 0;
    double sum_seconds = 0;
  };

  void seen(const Digest& block);
  void executed(const Digest& block);
  const Snapshot& snapshot() const noexcept { return snapshot_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kTracked = 4096;

  std::map<Digest, Clock::time_point> since_;
  std::deque<Digest> order_;
  Snapshot snapshot_;
};

}  // namespace waggle::daemon
