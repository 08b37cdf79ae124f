#include "consensus/core/merkle.hpp"

#include <bit>

#include "consensus/core/domain.hpp"
#include "consensus/core/ensure.hpp"

namespace waggle {

Digest merkle_node(const Digest& left, const Digest& right, const Hasher& hasher) {
  return hasher.hash({domain::kNode, left.view(), right.view()});
}

void Forest::append(const Digest& leaf, const Hasher& hasher) {
  Digest peak = leaf;
  // Like the carry of a binary counter: equal trees merge into the next larger one.
  for (std::uint64_t bit = 1; (count_ & bit) != 0; bit <<= 1) {
    peak = merkle_node(peaks_.back(), peak, hasher);
    peaks_.pop_back();
  }
  peaks_.push_back(peak);
  ++count_;
  ENSURE(peaks_.size() == static_cast<std::size_t>(std::popcount(count_)));
}

void Forest::append(std::span<const Digest> leaves, const Hasher& hasher) {
  for (const Digest& leaf : leaves) append(leaf, hasher);
}

Digest Forest::root(const Hasher& hasher) const {
  Writer writer;
  encode(writer);
  return hasher.hash({domain::kForest, writer.bytes()});
}

void Forest::encode(Writer& writer) const {
  writer.u64(count_);
  for (const Digest& peak : peaks_) writer.fixed(peak);
}

Forest Forest::decode(Reader& reader) {
  Forest forest;
  forest.count_ = reader.u64();
  if ((forest.count_ >> 63) != 0) reader.fail();  // one more leaf could overflow the count
  const int peaks = std::popcount(forest.count_);
  for (int i = 0; i < peaks; ++i) forest.peaks_.push_back(reader.fixed<Digest>());
  return forest;
}

}  // namespace waggle
