#include "smr/certificate/pruned_forest.hpp"

#include <algorithm>
#include <bit>

#include "consensus/core/ensure.hpp"

namespace waggle::certificate {

/// With two children, or, if nothing is kept below it or if it is a leaf, with none.
struct PrunedForest::Node {
  Digest digest;
  std::size_t kept = 0;  ///< Kept leaves below it, or 1 for a kept leaf.
  NodePtr left, right;

  const NodePtr& child(bool is_right) const noexcept { return is_right ? right : left; }
};

namespace {

enum : std::uint8_t { kClosed = 0, kKeptLeaf = 1, kInner = 2 };

bool goes_right(std::uint64_t position, unsigned level) {
  return ((position >> (level - 1)) & 1) != 0;
}

}  // namespace

PrunedForest::NodePtr PrunedForest::closed(const Digest& digest) {
  return std::make_shared<const Node>(Node{digest, 0, nullptr, nullptr});
}

PrunedForest::NodePtr PrunedForest::join(NodePtr left, NodePtr right, const Digest& digest) {
  const std::size_t kept = left->kept + right->kept;
  if (kept == 0) return closed(digest);
  return std::make_shared<const Node>(Node{digest, kept, std::move(left), std::move(right)});
}

void PrunedForest::append(const Digest& leaf, bool keep, const Hasher& hasher) {
  NodePtr peak = std::make_shared<const Node>(Node{leaf, keep ? 1U : 0U, nullptr, nullptr});
  for (std::uint64_t bit = 1; (count_ & bit) != 0; bit <<= 1) {
    const NodePtr left = std::move(peaks_.back());
    peaks_.pop_back();
    peak = join(left, peak, merkle_node(left->digest, peak->digest, hasher));
  }
  peaks_.push_back(std::move(peak));
  ++count_;
}

void PrunedForest::release(std::uint64_t position) {
  ENSURE(keeps(position), "only a kept leaf can be released");
  const Tree tree = tree_of(count_, position);
  peaks_[tree.ordinal] = without(peaks_[tree.ordinal], tree.height, position);
}

PrunedForest::NodePtr PrunedForest::without(const NodePtr& node, unsigned level,
                                            std::uint64_t position) {
  if (level == 0) return closed(node->digest);
  const bool right = goes_right(position, level);
  const NodePtr changed = without(node->child(right), level - 1, position);
  return right ? join(node->left, changed, node->digest) : join(changed, node->right, node->digest);
}

std::size_t PrunedForest::kept() const noexcept {
  std::size_t sum = 0;
  for (const NodePtr& peak : peaks_) sum += peak->kept;
  return sum;
}

Forest PrunedForest::roots() const {
  Writer writer;
  writer.u64(count_);
  for (const NodePtr& peak : peaks_) writer.fixed(peak->digest);
  Reader reader(writer.bytes());
  return Forest::decode(reader);
}

const PrunedForest::NodePtr& PrunedForest::tree_over(std::uint64_t position) const {
  return peaks_[tree_of(count_, position).ordinal];
}

std::vector<Digest> PrunedForest::chain(std::uint64_t position) const {
  ENSURE(keeps(position), "only a kept leaf has its chain");
  std::vector<Digest> links;
  const Node* at = tree_over(position).get();
  for (unsigned level = tree_of(count_, position).height; level > 0; --level) {
    const bool right = goes_right(position, level);
    links.push_back(at->child(!right)->digest);
    at = at->child(right).get();
  }
  std::reverse(links.begin(), links.end());
  return links;
}

std::optional<Digest> PrunedForest::node(unsigned level, std::uint64_t index) const {
  if (level > 63 || index > (count_ >> level)) return std::nullopt;
  const std::uint64_t position = index << level;
  if (position >= count_) return std::nullopt;
  const Tree tree = tree_of(count_, position);
  if (level > tree.height) return std::nullopt;
  const Node* at = peaks_[tree.ordinal].get();
  for (unsigned above = tree.height; above > level; --above) {
    at = at->child(goes_right(position, above)).get();
    if (at == nullptr) return std::nullopt;
  }
  return at->digest;
}

bool PrunedForest::keeps(std::uint64_t position) const {
  if (position >= count_) return false;
  const Node* at = tree_over(position).get();
  for (unsigned level = tree_of(count_, position).height; level > 0 && at->kept > 0; --level) {
    at = at->child(goes_right(position, level)).get();
  }
  return at->kept > 0;
}

void PrunedForest::encode(Writer& writer) const {
  writer.u64(count_);
  for (const NodePtr& peak : peaks_) encode(writer, *peak);
}

void PrunedForest::encode(Writer& writer, const Node& node) {
  if (node.left) {
    writer.u8(kInner);
    encode(writer, *node.left);
    encode(writer, *node.right);
  } else {
    writer.u8(node.kept > 0 ? kKeptLeaf : kClosed).fixed(node.digest);
  }
}

PrunedForest PrunedForest::decode(Reader& reader, const Hasher& hasher) {
  PrunedForest forest;
  forest.count_ = reader.u64();
  if ((forest.count_ >> 63) != 0) reader.fail();  // one more leaf could overflow the count
  for (unsigned level = 63; level-- > 0 && reader.ok();) {
    if (((forest.count_ >> level) & 1) == 0) continue;
    forest.peaks_.push_back(decode_node(reader, level, hasher));
  }
  return reader.ok() ? forest : PrunedForest{};
}

PrunedForest::NodePtr PrunedForest::decode_node(Reader& reader, unsigned level,
                                                const Hasher& hasher) {
  const std::uint8_t kind = reader.u8();
  if (kind == kInner && level > 0) {
    NodePtr left = decode_node(reader, level - 1, hasher);
    if (!reader.ok()) return left;
    NodePtr right = decode_node(reader, level - 1, hasher);
    if (left->kept + right->kept == 0) reader.fail();  // would not have been written
    const Digest digest = merkle_node(left->digest, right->digest, hasher);
    return join(std::move(left), std::move(right), digest);
  }
  const Digest digest = reader.fixed<Digest>();
  if (kind == kClosed) return closed(digest);
  if (kind != kKeptLeaf || level > 0) reader.fail();
  return std::make_shared<const Node>(Node{digest, 1, nullptr, nullptr});
}

}  // namespace waggle::certificate
