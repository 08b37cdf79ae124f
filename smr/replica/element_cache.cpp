#include "smr/replica/element_cache.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "consensus/core/ensure.hpp"

namespace waggle::smr {
namespace {

constexpr std::size_t kBucketsAtFirst = 16;

/// FNV-1a, its high bits brought down to where the bucket is taken from.
std::uint64_t hash_of(ByteView key) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : key) hash = (hash ^ byte) * 0x100000001b3;
  return hash ^ (hash >> 32);
}

}  // namespace

ElementCache::ElementCache(std::size_t slots_max) : buckets_max_(slots_max / kWays) {
  ENSURE(slots_max >= kWays && std::has_single_bit(slots_max));
}

bool ElementCache::Slot::holds(ByteView wanted) const noexcept {
  if (key_size_plus_1 != wanted.size() + 1) return false;
  return std::equal(wanted.begin(), wanted.end(), key.begin());
}

ElementCache::Bucket& ElementCache::bucket_of(ByteView key) noexcept {
  return buckets_[hash_of(key) & (buckets_.size() - 1)];
}

const Digest* ElementCache::find(ByteView key) const noexcept {
  if (buckets_.empty()) return nullptr;
  const Bucket& bucket = buckets_[hash_of(key) & (buckets_.size() - 1)];
  const auto found = std::find_if(bucket.begin(), bucket.end(),
                                  [key](const Slot& slot) { return slot.holds(key); });
  return found == bucket.end() ? nullptr : &found->element;
}

void ElementCache::keep(ByteView key, const Digest& element) {
  if (key.size() > kKeyBytesMax) return;
  if (buckets_.empty()) grow();
  Bucket* bucket = &bucket_of(key);
  auto at = std::find_if(bucket->begin(), bucket->end(),
                         [key](const Slot& slot) { return slot.holds(key); });
  if (at != bucket->end()) {
    at->element = element;
    return;
  }
  if (bucket->back().key_size_plus_1 != 0 && buckets_.size() < buckets_max_) {
    grow();
    bucket = &bucket_of(key);
  }
  std::shift_right(bucket->begin(), bucket->end(), 1);
  Slot& slot = bucket->front();
  slot.key_size_plus_1 = static_cast<std::uint8_t>(key.size() + 1);
  std::copy(key.begin(), key.end(), slot.key.begin());
  slot.element = element;
}

void ElementCache::forget(ByteView key) noexcept {
  if (buckets_.empty()) return;
  Bucket& bucket = bucket_of(key);
  const auto last = std::remove_if(bucket.begin(), bucket.end(),
                                   [key](const Slot& slot) { return slot.holds(key); });
  if (last != bucket.end()) *last = Slot{};
}

void ElementCache::grow() {
  const std::size_t count = buckets_.empty() ? kBucketsAtFirst : buckets_.size() * 2;
  const auto old = std::exchange(buckets_, std::vector<Bucket>(std::min(count, buckets_max_)));
  for (const Bucket& bucket : old) {
    std::for_each(bucket.rbegin(), bucket.rend(), [this](const Slot& slot) {
      if (slot.key_size_plus_1 == 0) return;
      Bucket& place = bucket_of(slot.key_view());
      std::shift_right(place.begin(), place.end(), 1);
      place.front() = slot;
    });
  }
}

}  // namespace waggle::smr
