#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "smr/certificate/forest_path.hpp"

namespace waggle::certificate {

/// A Merkle forest that keeps, besides its roots, only the nodes on and beside the ways of a few
/// leaves to their roots: of everything else only the roots remain. A kept leaf's hash chain so
/// grows by itself as trees merge, and leaves share what their chains have in common. Copies share
/// all nodes, which are immutable: a copy costs what its roots cost.
class PrunedForest {
 public:
  /// Appends a leaf. One hash on average.
  void append(const Digest& leaf, bool keep, const Hasher& hasher);
  /// Forgets what only this kept leaf needed. No hashing.
  void release(std::uint64_t position);

  std::uint64_t count() const noexcept { return count_; }
  std::size_t kept() const noexcept;
  /// The roots alone.
  Forest roots() const;
  /// hc: the siblings on the way of a kept leaf to the root of its tree, lowest first.
  std::vector<Digest> chain(std::uint64_t position) const;
  /// A node of the forest, unless it is forgotten or lies in no tree.
  std::optional<Digest> node(unsigned level, std::uint64_t index) const;
  /// Whether there is a kept leaf at that position.
  bool keeps(std::uint64_t position) const;

  /// count u64, then each tree, the largest first, as a node: u8 0 and the digest of a node below
  /// which nothing is kept, u8 1 and the digest of a kept leaf, or u8 2 and two nodes.
  void encode(Writer& writer) const;
  /// Computes the digests that the encoding leaves out.
  static PrunedForest decode(Reader& reader, const Hasher& hasher);

 private:
  struct Node;
  using NodePtr = std::shared_ptr<const Node>;

  static NodePtr closed(const Digest& digest);
  static NodePtr join(NodePtr left, NodePtr right, const Digest& digest);
  static NodePtr without(const NodePtr& node, unsigned level, std::uint64_t position);
  static void encode(Writer& writer, const Node& node);
  static NodePtr decode_node(Reader& reader, unsigned level, const Hasher& hasher);
  const NodePtr& tree_over(std::uint64_t position) const;

  std::uint64_t count_ = 0;
  std::vector<NodePtr> peaks_;  ///< Largest first.
};

}  // namespace waggle::certificate
