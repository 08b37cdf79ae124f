#pragma once

#include "consensus/core/domain.hpp"
#include "consensus/core/interfaces.hpp"

namespace waggle::app {

/// The digest of a set of (key, value) pairs that costs one hash per change and does not depend on
/// the history: the sum, modulo 2^256 and little-endian, of H(tag, key length u32, key, value)
/// over all pairs. Nothing at all has digest zero.
///
/// It detects honest replicas that drift apart, through a bug or a bad disk. It is not a proof
/// against somebody who searches for two sets with equal sums: whoever must convince an outsider
/// of a state needs a Merkle tree.
///
/// The caller adds a pair only when the key is not there and removes only what is there.
/// A value type; not thread-safe. The hasher must outlive it.
class StateDigest {
 public:
  /// Continues from `value`, the sum of the pairs that are there already.
  explicit StateDigest(const Hasher& hasher, const domain::Tag& tag = domain::kState,
                       const Digest& value = {})
      : hasher_(&hasher), tag_(tag), value_(value) {}

  void add(ByteView key, ByteView value) { add(element(key, value)); }
  void remove(ByteView key, ByteView value) { remove(element(key, value)); }
  const Digest& value() const noexcept { return value_; }

  /// What one pair contributes; for callers that keep it instead of hashing again.
  Digest element(ByteView key, ByteView value) const;
  void add(const Digest& element) noexcept;
  void remove(const Digest& element) noexcept;

 private:
  const Hasher* hasher_;
  domain::Tag tag_;
  Digest value_;
};

}  // namespace waggle::app
