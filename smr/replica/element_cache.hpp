#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "consensus/core/bytes.hpp"

namespace waggle::smr {

/// Remembers what the keys that were put last contribute to the digest of the state
/// (app::StateDigest), so that overwriting one costs neither a read of the old value nor its hash.
///
/// Who never asks takes no memory. It grows with what is kept, up to slots_max keys of 80 bytes
/// each; beyond that, each bucket of four forgets the one kept first. A key above kKeyBytesMax is
/// never kept. Keys are compared in full: whoever chooses keys that crowd one bucket makes it
/// forget them, nothing else. Not thread-safe.
class ElementCache {
 public:
  static constexpr std::size_t kKeyBytesMax = 47;
  static constexpr std::size_t kSlotsMax = std::size_t{1} << 17;  ///< 10 MiB.

  /// A power of two, at least 4.
  explicit ElementCache(std::size_t slots_max = kSlotsMax);

  /// Null when it is not known; valid until the next call of keep().
  const Digest* find(ByteView key) const noexcept;
  void keep(ByteView key, const Digest& element);
  void forget(ByteView key) noexcept;

 private:
  struct Slot {
    std::uint8_t key_size_plus_1 = 0;  ///< 0: free.
    std::array<std::uint8_t, kKeyBytesMax> key{};
    Digest element;

    bool holds(ByteView wanted) const noexcept;
    ByteView key_view() const noexcept { return {key.data(), std::size_t{key_size_plus_1} - 1}; }
  };
  static constexpr std::size_t kWays = 4;
  using Bucket = std::array<Slot, kWays>;  ///< The one kept last first; free ones at the end.

  Bucket& bucket_of(ByteView key) noexcept;
  void grow();

  std::size_t buckets_max_;
  std::vector<Bucket> buckets_;  ///< A power of two of them, or none.
};

}  // namespace waggle::smr
