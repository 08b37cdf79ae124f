#include "smr/replica/branch_reader.hpp"

#include <algorithm>

#include "smr/replica/layout.hpp"
#include "storage/keys.hpp"

namespace waggle::smr {

using chained::BranchRequest;
using chained::ChainedBlock;
using chained::Node;
using storage::Family;
using storage::Outcome;

namespace {

/// Counts blocks into an answer while they fit.
class Room {
 public:
  explicit Room(std::uint32_t count_max) : count_left_(count_max) {}

  /// The first block always fits.
  bool take(const ChainedBlock& chained) {
    Writer writer;
    encode_without_payload(writer, *chained.block);
    chained.before.encode(writer);
    headers_ += writer.size();
    payloads_ += chained.block->payload->bytes()->size();
    const bool fits = headers_ <= kBranchHeadersMax && payloads_ <= kBranchPayloadMax;
    if (count_left_ == 0 || (!fits && !first_)) return false;
    first_ = false;
    --count_left_;
    return true;
  }

 private:
  std::uint32_t count_left_;
  std::size_t headers_ = 0;
  std::size_t payloads_ = 0;
  bool first_ = true;
};

}  // namespace

std::vector<ChainedBlock> branch_in_memory(const chained::BlockTree& tree,
                                           const BranchRequest& request) {
  std::vector<ChainedBlock> blocks;
  const Node* wanted = tree.find(request.block);
  for (const Node* at = wanted; at != nullptr && at != tree.head(); at = at->parent) {
    // The wanted block itself is given in any case: it may lie on a branch that lost.
    if (at != wanted && at->height() <= request.above) break;
    if (at->valid() && at->connected()) {
      blocks.push_back({at->block, *at->before});
    } else {
      blocks.clear();  // an answer must not rest on what we would not vote for
    }
  }
  std::reverse(blocks.begin(), blocks.end());
  return blocks;
}

Outcome<std::vector<ChainedBlock>> committed_branch(const storage::Storage& storage,
                                                    const BranchRequest& request, bool extends_head,
                                                    const ChainConfig& config,
                                                    const Hasher& hasher) {
  std::vector<ChainedBlock> blocks;
  const auto read = [&](const Digest& id) -> Outcome<std::optional<ChainedBlock>> {
    auto value = storage.get(Family::kBlocks, id.view());
    if (!value) return Unexpected{value.error()};
    if (!*value) return std::optional<ChainedBlock>{};
    return layout::decode_block(**value, config, hasher);
  };
  std::vector<Digest> ids;
  const std::uint32_t count = std::min(request.count_max, chained::kBranchBlocksMax);
  const auto scanned = storage.scan(
      Family::kHeights, storage::big_endian_key(request.above.next().value), {},
      [&](ByteView key, ByteView value) {
        const auto row = layout::decode_committed(Height{*storage::number_of_key(key)}, value);
        if (row) ids.push_back(row->ref.id);
        return row.has_value() && ids.size() < count;
      });
  if (!scanned) return Unexpected{scanned.error()};
  if (!extends_head) {
    auto wanted = read(request.block);
    if (!wanted) return Unexpected{wanted.error()};
    if (!*wanted) return blocks;
    const Height at = (*wanted)->block->height();
    const auto committed = committed_at(storage, at);
    if (!committed) return Unexpected{committed.error()};
    if (!*committed || (*committed)->ref.id != request.block) return blocks;
  }
  Room room(count);
  for (const Digest& id : ids) {
    auto block = read(id);
    if (!block) return Unexpected{block.error()};
    if (!*block || !room.take(**block)) break;
    blocks.push_back(std::move(**block));
    if (id == request.block) break;
  }
  return blocks;
}

chained::Branch make_branch(const BranchRequest& request, std::vector<ChainedBlock> committed,
                            std::vector<ChainedBlock> in_memory, QcPtr certificate) {
  chained::Branch branch;
  branch.wanted = request.block;
  branch.blocks = std::move(committed);
  Room room(std::min(request.count_max, chained::kBranchBlocksMax));
  for (const ChainedBlock& chained : branch.blocks) room.take(chained);
  for (ChainedBlock& chained : in_memory) {
    const bool linked =
        branch.blocks.empty() || branch.blocks.back().block->id == chained.block->parent();
    if (!linked || !room.take(chained)) break;
    branch.blocks.push_back(std::move(chained));
  }
  if (!branch.blocks.empty() && branch.blocks.back().block->id == request.block) {
    branch.certificate = std::move(certificate);
  }
  return branch;
}

}  // namespace waggle::smr
