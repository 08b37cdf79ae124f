#include "sim/rounds/checker/full_forest.hpp"

#include "consensus/core/merkle.hpp"

namespace waggle::sim::rounds {

void FullForest::append(const Digest& leaf) {
  Digest node = leaf;
  for (std::size_t level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    std::vector<Digest>& row = levels_[level];
    row.push_back(node);
    if (row.size() % 2 != 0) return;  // its sibling is still to come
    node = merkle_node(row[row.size() - 2], row.back(), hasher_);
  }
}

std::optional<Digest> FullForest::node(unsigned level, std::uint64_t index) const {
  if (level >= levels_.size() || index >= levels_[level].size()) return std::nullopt;
  return levels_[level][index];
}

std::vector<Digest> FullForest::roots(std::uint64_t count) const {
  std::vector<Digest> result;
  std::uint64_t begin = 0;  // of the tree's leaves
  for (unsigned level = 64; level-- > 0;) {
    if ((count >> level & 1) == 0) continue;
    result.push_back(levels_.at(level).at(begin >> level));
    begin += std::uint64_t{1} << level;
  }
  return result;
}

unsigned FullForest::height(std::uint64_t count, std::uint64_t position) {
  std::uint64_t begin = 0;
  for (unsigned level = 64; level-- > 0;) {
    if ((count >> level & 1) == 0) continue;
    begin += std::uint64_t{1} << level;
    if (position < begin) return level;
  }
  return 0;
}

}  // namespace waggle::sim::rounds
