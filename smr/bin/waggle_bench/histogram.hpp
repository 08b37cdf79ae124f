#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace waggle::bench {

/// How often which duration occurred. Exact below 256 us; above, every power of two is cut into 128
/// buckets, so that a value is known to within 0.8%. Memory grows with the logarithm of the largest
/// value, not with their count. Not thread-safe.
class Histogram {
 public:
  using Value = std::chrono::microseconds;

  /// A negative value counts as zero.
  void add(Value value, std::uint64_t times = 1);
  void merge(const Histogram& other);

  std::uint64_t count() const noexcept { return count_; }
  Value max() const noexcept { return max_; }
  /// The least bound that at least `share` of all values (0 .. 1) do not exceed, never above max();
  /// zero when there are none.
  Value quantile(double share) const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  Value max_{0};
};

}  // namespace waggle::bench
