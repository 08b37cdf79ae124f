#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "consensus/core/interfaces.hpp"

namespace waggle::sim::rounds {

/// All nodes of the Merkle forest over a growing sequence, level by level: the truth that servers'
/// and clients' parts of it are compared with.
class FullForest {
 public:
  explicit FullForest(const Hasher& hasher) : hasher_(hasher) {}

  void append(const Digest& leaf);
  std::uint64_t count() const noexcept { return levels_.empty() ? 0 : levels_.front().size(); }
  /// A node that is complete by now.
  std::optional<Digest> node(unsigned level, std::uint64_t index) const;
  /// The roots of the forest over the first `count` leaves, the largest tree first.
  std::vector<Digest> roots(std::uint64_t count) const;
  /// The height of the tree over `position` in the forest of `count` leaves.
  static unsigned height(std::uint64_t count, std::uint64_t position);

 private:
  const Hasher& hasher_;
  std::vector<std::vector<Digest>> levels_;
};

}  // namespace waggle::sim::rounds
