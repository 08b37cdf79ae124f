// Paths lead from every leaf of a forest to its root, and from nothing else.
#include "smr/certificate/forest_path.hpp"

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"

namespace waggle::certificate {
namespace {

const crypto::Sha256Hasher kHasher;

std::vector<Digest> leaves(std::uint64_t count) {
  std::vector<Digest> made;
  for (std::uint64_t i = 0; i < count; ++i) {
    made.push_back(kHasher.hash({as_bytes("leaf"), Writer().u64(i).bytes()}));
  }
  return made;
}

Digest root(std::span<const Digest> some) {
  Forest forest;
  forest.append(some, kHasher);
  return forest.root(kHasher);
}

TEST(ForestPath, LeadsFromEveryLeafToTheRoot) {
  const auto all = leaves(70);
  for (std::size_t count = 1; count <= all.size(); ++count) {
    const std::span<const Digest> some(all.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const ForestPath path = make_forest_path(some, i, kHasher);
      ASSERT_EQ(root_of(path, all[i], kHasher), root(some)) << i << " of " << count;
      ASSERT_NE(root_of(path, all[(i + 1) % count], kHasher) == root(some), count > 1);
      Writer writer;
      encode(writer, path);
      ASSERT_EQ(writer.size(), forest_path_size(count, i));
      Reader reader(writer.bytes());
      ASSERT_EQ(decode_forest_path(reader), path);
      ASSERT_TRUE(reader.done());
    }
  }
}

TEST(ForestPath, NoBitMayChange) {
  const auto all = leaves(11);
  for (const std::size_t index : {0U, 7U, 8U, 10U}) {
    Writer writer;
    encode(writer, make_forest_path(all, index, kHasher));
    Bytes bytes = writer.take();
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      Reader reader(bytes);
      const ForestPath path = decode_forest_path(reader);
      if (reader.done()) {
        ASSERT_NE(root_of(path, all[index], kHasher), root(all)) << bit;
      }
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
  }
}

TEST(ForestPath, ImpossibleNumbersAreRefused) {
  const auto refused = [](std::uint64_t count, std::uint64_t index) {
    Writer writer;
    writer.u64(count).u64(index).raw(Bytes(64 * Digest::kSize));
    Reader reader(writer.bytes());
    (void)decode_forest_path(reader);
    return !reader.ok();
  };
  EXPECT_TRUE(refused(0, 0));
  EXPECT_TRUE(refused(5, 5));
  EXPECT_TRUE(refused(std::uint64_t{1} << 63, 0));
  EXPECT_FALSE(refused(5, 4));
  EXPECT_FALSE(refused(std::uint64_t{1} << 62, 3));
}

TEST(ForestPath, ANodeIsCompletedByItsLastLeaf) {
  const auto all = leaves(64);
  for (unsigned level = 0; level < 6; ++level) {
    const std::size_t size = std::size_t{1} << level;
    for (std::size_t index = 0; (index + 1) * size <= all.size(); ++index) {
      Forest node;
      node.append(std::span(all).subspan(index * size, size), kHasher);
      const std::size_t end = (index + 1) * size;
      for (std::size_t begin = 0; begin < end; begin += 5) {  // wherever a block may begin
        Forest before;
        before.append(std::span(all).first(begin), kHasher);
        const auto block = std::span(all).subspan(begin, end - begin);
        ASSERT_EQ(completed_node(before, block, level, kHasher), node.peaks().front());
      }
    }
  }
}

}  // namespace
}  // namespace waggle::certificate
