#pragma once

#include <functional>
#include <span>
#include <vector>

#include "consensus/core/merkle.hpp"

namespace waggle::certificate {

/// The tree of a forest that holds a leaf. Trees begin at multiples of their size, so that a node
/// has one name, its level and its index there, in every forest that it is part of.
struct Tree {
  unsigned height = 0;
  std::size_t ordinal = 0;  ///< Among the trees, the largest is 0.
};
/// index < count.
Tree tree_of(std::uint64_t count, std::uint64_t index);

/// The node above a leaf, as many levels up as there are siblings, lowest first; at most 63.
Digest fold(const Digest& leaf, std::uint64_t index, std::span<const Digest> siblings,
            const Hasher& hasher);

/// How one leaf of a forest (consensus/core/merkle.hpp) leads to the forest's root: the siblings
/// on the way to the peak of its own tree, and the peaks of the other trees.
struct ForestPath {
  std::uint64_t count = 0;       ///< Leaves of the forest.
  std::uint64_t index = 0;       ///< Of the leaf, from 0.
  std::vector<Digest> siblings;  ///< Lowest first; as many as the leaf's tree is high.
  std::vector<Digest> peaks;     ///< Of the other trees, largest first.

  friend bool operator==(const ForestPath&, const ForestPath&) = default;
};

/// Reads a node of a forest: at level 0 the leaves, at level k the root of the perfect tree over
/// leaves index * 2^k and the 2^k - 1 behind it.
using NodeSource = std::function<Digest(unsigned level, std::uint64_t index)>;

/// The path of a leaf, index < forest.count(). Asks for one node per sibling.
ForestPath make_forest_path(const Forest& forest, std::uint64_t index, const NodeSource& node);
/// The same when all leaves are at hand. Takes one hash per leaf.
ForestPath make_forest_path(std::span<const Digest> leaves, std::uint64_t index,
                            const Hasher& hasher);

/// The node of that level that a leaf completes: the last of `leaves`, which follow those of
/// `before`. Its index in the whole must end in `level` one bits.
Digest completed_node(const Forest& before, std::span<const Digest> leaves, unsigned level,
                      const Hasher& hasher);

/// The root of the forest in which `leaf` stands at the path's index. The path must have the
/// shape that its count and index ask for, as every decoded one has.
Digest root_of(const ForestPath& path, const Digest& leaf, const Hasher& hasher);

/// count u64 | index u64 | siblings | peaks; how many there are follows from the two numbers.
void encode(Writer& writer, const ForestPath& path);
ForestPath decode_forest_path(Reader& reader);
/// Bytes of the encoded path of a leaf.
std::size_t forest_path_size(std::uint64_t count, std::uint64_t index);

}  // namespace waggle::certificate
