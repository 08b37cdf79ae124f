#include "consensus/core/merkle.hpp"

#include <bit>

#include <gtest/gtest.h>

#include "consensus/core/domain.hpp"
#include "tests/unit/core/sample_chain.hpp"

namespace waggle {
namespace {

const Hasher& hasher() { return sample_chain().hasher; }

Digest leaf(std::uint64_t number) { return hasher().hash({Writer().u64(number).bytes()}); }

/// The root of a perfect tree, by recursion: shares no code with the forest.
Digest perfect_tree(std::span<const Digest> leaves) {
  if (leaves.size() == 1) return leaves[0];
  const Digest left = perfect_tree(leaves.first(leaves.size() / 2));
  const Digest right = perfect_tree(leaves.last(leaves.size() / 2));
  return hasher().hash({domain::kNode, left.view(), right.view()});
}

Digest naive_root(std::span<const Digest> leaves) {
  Writer writer;
  writer.u64(leaves.size());
  while (!leaves.empty()) {
    const std::size_t tree = std::bit_floor(leaves.size());
    writer.fixed(perfect_tree(leaves.first(tree)));
    leaves = leaves.subspan(tree);
  }
  return hasher().hash({domain::kForest, writer.bytes()});
}

/// Counts what it hashes.
class CountingHasher final : public Hasher {
 public:
  Digest hash(std::initializer_list<ByteView> parts) const noexcept override {
    ++count;
    return sample_chain().hasher.hash(parts);
  }
  mutable std::uint64_t count = 0;
};

TEST(Forest, RootIsThatOfTheDefinition) {
  Forest forest;
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < 130; ++i) {
    EXPECT_EQ(forest.root(hasher()), naive_root(leaves)) << i << " leaves";
    EXPECT_EQ(forest.count(), i);
    EXPECT_EQ(forest.peaks().size(), static_cast<std::size_t>(std::popcount(i)));
    leaves.push_back(leaf(i));
    forest.append(leaves.back(), hasher());
  }
}

TEST(Forest, AppendingManyIsAppendingEach) {
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < 21; ++i) leaves.push_back(leaf(i));
  Forest each;
  for (const Digest& one : leaves) each.append(one, hasher());
  Forest many;
  many.append(std::span(leaves).first(8), hasher());
  many.append(std::span(leaves).subspan(8), hasher());
  EXPECT_EQ(many, each);
}

TEST(Forest, EveryLeafAndItsPlaceCount) {
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < 11; ++i) leaves.push_back(leaf(i));
  const auto root_of = [](const std::vector<Digest>& all) {
    Forest forest;
    forest.append(all, hasher());
    return forest.root(hasher());
  };
  const Digest original = root_of(leaves);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    std::vector<Digest> changed = leaves;
    changed[i].bytes[0] ^= 1;
    EXPECT_NE(root_of(changed), original);
    if (i == 0) continue;
    changed = leaves;
    std::swap(changed[i], changed[i - 1]);
    EXPECT_NE(root_of(changed), original);
  }
}

TEST(Forest, CostsAtMostOneHashPerLeaf) {
  const CountingHasher counting;
  Forest forest;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    forest.append(Digest{}, counting);
    EXPECT_LT(counting.count, i);
  }
}

TEST(Forest, AnInnerNodeIsNoLeafOfAnotherForest) {
  Forest two;
  two.append(leaf(0), hasher());
  two.append(leaf(1), hasher());
  Forest one;
  one.append(merkle_node(leaf(0), leaf(1), hasher()), hasher());
  EXPECT_EQ(one.peaks(), two.peaks());
  EXPECT_NE(one.root(hasher()), two.root(hasher()));
}

TEST(Forest, DecodesWhatItEncodes) {
  Forest forest;
  for (std::uint64_t i = 0; i < 40; ++i) {
    Writer writer;
    forest.encode(writer);
    Reader reader(writer.bytes());
    EXPECT_EQ(Forest::decode(reader), forest);
    EXPECT_TRUE(reader.done());
    forest.append(leaf(i), hasher());
  }
}

// A count with all 64 bits set would overflow with the next leaf.
TEST(Forest, RefusesACountThatNoChainReaches) {
  const auto decodes = [](std::uint64_t count) {
    Writer writer;
    writer.u64(count).raw(Bytes(static_cast<std::size_t>(std::popcount(count)) * Digest::kSize));
    Reader reader(writer.bytes());
    Forest forest = Forest::decode(reader);
    if (reader.done()) forest.append(Digest{}, hasher());
    return reader.done();
  };
  EXPECT_FALSE(decodes(~std::uint64_t{0}));
  EXPECT_FALSE(decodes(std::uint64_t{1} << 63));
  EXPECT_TRUE(decodes((std::uint64_t{1} << 63) - 1));
}

}  // namespace
}  // namespace waggle
