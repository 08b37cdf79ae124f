#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "consensus/core/encoding.hpp"
#include "consensus/core/interfaces.hpp"

namespace waggle {

/// A Merkle forest over a growing list of leaves: one perfect tree per set bit of the count,
/// highest first (a Merkle mountain range). Only the peaks are kept: 32 bytes per tree.
/// The payload root and the history root of a block are roots of such forests.
class Forest {
 public:
  /// Appends a leaf digest. At most one hash per leaf on average.
  void append(const Digest& leaf, const Hasher& hasher);
  void append(std::span<const Digest> leaves, const Hasher& hasher);

  /// H(tag, count, peaks): commits to all leaves and their order.
  Digest root(const Hasher& hasher) const;

  std::uint64_t count() const noexcept { return count_; }
  const std::vector<Digest>& peaks() const noexcept { return peaks_; }

  void encode(Writer& writer) const;
  /// Fails the reader unless there is exactly one peak per set bit of the count, and the count is
  /// below 2^63.
  static Forest decode(Reader& reader);

  friend bool operator==(const Forest&, const Forest&) = default;

 private:
  std::uint64_t count_ = 0;
  std::vector<Digest> peaks_;
};

/// The inner node over two children.
Digest merkle_node(const Digest& left, const Digest& right, const Hasher& hasher);

}  // namespace waggle
