#include "smr/bin/waggle_bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace waggle::bench {
namespace {

/// Buckets per power of two, as a power of two.
constexpr unsigned kBits = 7;

/// Values below 2^(kBits+1) have a bucket each; above, the leading kBits+1 bits choose it.
std::size_t bucket_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const unsigned shift = width > kBits + 1 ? width - (kBits + 1) : 0;
  return (std::size_t{shift} << kBits) + (value >> shift);
}

/// The largest value of a bucket.
std::uint64_t bound_of(std::size_t bucket) {
  if (bucket < (std::size_t{2} << kBits)) return bucket;
  const std::size_t shift = (bucket >> kBits) - 1;
  const std::uint64_t leading = bucket - (shift << kBits);
  return ((leading + 1) << shift) - 1;
}

}  // namespace

void Histogram::add(Value value, std::uint64_t times) {
  const auto us = static_cast<std::uint64_t>(std::max<Value::rep>(value.count(), 0));
  const std::size_t bucket = bucket_of(us);
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  counts_[bucket] += times;
  count_ += times;
  max_ = std::max(max_, Value(static_cast<Value::rep>(us)));
}

void Histogram::merge(const Histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

Histogram::Value Histogram::quantile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    const bool enough = seen >= std::max<std::uint64_t>(wanted, 1);
    if (enough) return std::min(Value(static_cast<Value::rep>(bound_of(i))), max_);
  }
  return Value{0};
}

}  // namespace waggle::bench
