#include "smr/certificate/forest_path.hpp"

#include <bit>

#include "consensus/core/ensure.hpp"

namespace waggle::certificate {
namespace {

std::size_t trees_of(std::uint64_t count) { return static_cast<std::size_t>(std::popcount(count)); }

}  // namespace

Tree tree_of(std::uint64_t count, std::uint64_t index) {
  Tree tree;
  std::uint64_t behind = 0;  // leaves of the trees up to this one
  for (unsigned height = 64; height-- > 0;) {
    const std::uint64_t size = std::uint64_t{1} << height;
    if ((count & size) == 0) continue;
    behind += size;
    if (index < behind) {
      tree.height = height;
      return tree;
    }
    ++tree.ordinal;
  }
  ENSURE(false, "the index lies within the forest");
  return tree;
}

Digest fold(const Digest& leaf, std::uint64_t index, std::span<const Digest> siblings,
            const Hasher& hasher) {
  Digest node = leaf;
  for (const Digest& sibling : siblings) {
    const bool right = (index & 1) != 0;
    node = right ? merkle_node(sibling, node, hasher) : merkle_node(node, sibling, hasher);
    index >>= 1;
  }
  return node;
}

ForestPath make_forest_path(const Forest& forest, std::uint64_t index, const NodeSource& node) {
  const Tree tree = tree_of(forest.count(), index);
  ForestPath path{forest.count(), index, {}, forest.peaks()};
  for (unsigned level = 0; level < tree.height; ++level) {
    path.siblings.push_back(node(level, (index >> level) ^ 1));
  }
  path.peaks.erase(path.peaks.begin() + static_cast<std::ptrdiff_t>(tree.ordinal));
  return path;
}

ForestPath make_forest_path(std::span<const Digest> leaves, std::uint64_t index,
                            const Hasher& hasher) {
  Forest forest;
  forest.append(leaves, hasher);
  return make_forest_path(forest, index, [&](unsigned level, std::uint64_t at) {
    Forest tree;
    const std::size_t size = std::size_t{1} << level;
    tree.append(leaves.subspan(at * size, size), hasher);
    return tree.peaks().front();
  });
}

Digest completed_node(const Forest& before, std::span<const Digest> leaves, unsigned level,
                      const Hasher& hasher) {
  Forest forest = before;
  forest.append(leaves.first(leaves.size() - 1), hasher);
  const std::uint64_t below = (std::uint64_t{1} << level) - 1;
  ENSURE((forest.count() & below) == below, "the leaf completes a node of that level");
  Digest node = leaves.back();
  auto peak = forest.peaks().rbegin();
  for (unsigned i = 0; i < level; ++i) node = merkle_node(*peak++, node, hasher);
  return node;
}

Digest root_of(const ForestPath& path, const Digest& leaf, const Hasher& hasher) {
  const Tree tree = tree_of(path.count, path.index);
  ENSURE(path.siblings.size() == tree.height && path.peaks.size() + 1 == trees_of(path.count));
  const Digest peak = fold(leaf, path.index, path.siblings, hasher);
  std::vector<Digest> peaks = path.peaks;
  peaks.insert(peaks.begin() + static_cast<std::ptrdiff_t>(tree.ordinal), peak);
  Writer forest;
  forest.u64(path.count);
  for (const Digest& one : peaks) forest.fixed(one);
  Reader reader(forest.bytes());
  return Forest::decode(reader).root(hasher);
}

void encode(Writer& writer, const ForestPath& path) {
  writer.u64(path.count).u64(path.index);
  for (const Digest& sibling : path.siblings) writer.fixed(sibling);
  for (const Digest& peak : path.peaks) writer.fixed(peak);
}

ForestPath decode_forest_path(Reader& reader) {
  ForestPath path;
  path.count = reader.u64();
  path.index = reader.u64();
  if ((path.count >> 63) != 0 || path.index >= path.count) reader.fail();
  if (!reader.ok()) return {};
  path.siblings.resize(tree_of(path.count, path.index).height);
  path.peaks.resize(trees_of(path.count) - 1);
  for (Digest& sibling : path.siblings) sibling = reader.fixed<Digest>();
  for (Digest& peak : path.peaks) peak = reader.fixed<Digest>();
  return path;
}

std::size_t forest_path_size(std::uint64_t count, std::uint64_t index) {
  const std::size_t digests = tree_of(count, index).height + trees_of(count) - 1;
  return 2 * sizeof(std::uint64_t) + digests * Digest::kSize;
}

}  // namespace waggle::certificate
