#include "smr/replica/recovery.hpp"

#include <algorithm>

#include "consensus/chained/block_tree.hpp"
#include "smr/replica/executor.hpp"
#include "smr/replica/layout.hpp"
#include "storage/keys.hpp"

namespace waggle::smr {
namespace {

using chained::ChainedBlock;
using chained::CommittedRef;
using storage::Family;
using storage::Outcome;
using storage::Storage;
using storage::StorageError;

StorageError corrupt(std::string what) {
  return {StorageError::Kind::kCorrupt,
          std::move(what) +
              "; restore the data directory's disk, or empty it and start with "
              "--rejoin"};
}

Outcome<Sessions> read_sessions(const Storage& storage, const ChainConfig& config,
                                const Hasher& hasher) {
  auto globals = storage.get(Family::kMeta, as_bytes(layout::kSessionsKey));
  if (!globals) return Unexpected{globals.error()};
  if (!*globals) return Sessions(config.sessions_max, hasher);
  std::vector<SessionRow> rows;
  const auto scanned = storage.scan(Family::kSessions, {}, {}, [&](ByteView key, ByteView value) {
    SessionRow row;
    row.client = Reader(key).fixed<ClientId>();
    row.value.assign(value.begin(), value.end());
    rows.push_back(std::move(row));
    return true;
  });
  if (!scanned) return Unexpected{scanned.error()};
  auto sessions = Sessions::load(config.sessions_max, hasher, **globals, rows);
  if (!sessions) return Unexpected{corrupt("the stored client sessions do not decode")};
  return std::move(*sessions);
}

Outcome<ChainedBlock> read_block(const Storage& storage, const Digest& id,
                                 const ChainConfig& config, const Hasher& hasher) {
  auto value = storage.get(Family::kBlocks, id.view());
  if (!value) return Unexpected{value.error()};
  if (!*value) return Unexpected{corrupt("block " + short_hex(id) + " is missing")};
  auto block = layout::decode_block(**value, config, hasher);
  if (!block || block->block->id != id) {
    return Unexpected{corrupt("block " + short_hex(id) + " does not decode")};
  }
  return std::move(*block);
}

/// The last committed blocks below the head, rising.
Outcome<std::vector<CommittedRef>> read_ancestry(const Storage& storage, Height head) {
  const std::uint64_t keep = chained::BlockTree::kAncestryMax;
  const std::uint64_t first = head.value > keep ? head.value - keep : 1;
  std::vector<CommittedRef> ancestry;
  bool decoded = true;
  const auto scanned = storage.scan(
      Family::kHeights, storage::big_endian_key(first), storage::big_endian_key(head.value),
      [&](ByteView key, ByteView value) {
        const auto row = layout::decode_committed(Height{*storage::number_of_key(key)}, value);
        decoded = row.has_value();
        if (row) ancestry.push_back(row->ref);
        return decoded;
      });
  if (!scanned) return Unexpected{scanned.error()};
  if (!decoded) return Unexpected{corrupt("the index of committed heights does not decode")};
  return ancestry;
}

}  // namespace

Executed genesis_position(const Block& genesis, const Sessions& sessions, const Hasher& hasher) {
  Executed position;
  position.block = genesis.id;
  position.digest = combined_digest(position.state, sessions.digest(), hasher);
  return position;
}

Outcome<RecoveredReplica> recover(const Storage& storage, const ChainConfig& config,
                                  const Hasher& hasher) {
  auto sessions = read_sessions(storage, config, hasher);
  if (!sessions) return Unexpected{sessions.error()};
  const BlockPtr genesis = make_genesis(config, hasher);
  RecoveredReplica found{genesis_position(*genesis, *sessions, hasher), std::move(*sessions), {}};

  auto executed = storage.get(Family::kMeta, as_bytes(layout::kExecutedKey));
  if (!executed) return Unexpected{executed.error()};
  if (*executed) {
    const auto position = layout::decode_executed(**executed);
    if (!position) return Unexpected{corrupt("the executed position does not decode")};
    found.position = *position;
  }
  auto record = storage.get(Family::kSafety, as_bytes(layout::kRecordKey));
  if (!record) return Unexpected{record.error()};
  if (!*record) {
    if (*executed) return Unexpected{corrupt("the safety record is missing")};
    return found;
  }
  found.core.safety = chained::decode_record(**record);
  if (!found.core.safety) return Unexpected{corrupt("the safety record does not decode")};

  // The head first, then from above it up to the tip.
  if (found.position.height == Height{0}) {
    found.core.blocks.push_back({genesis, Forest{}});
  } else {
    auto head = read_block(storage, found.position.block, config, hasher);
    if (!head) return Unexpected{head.error()};
    found.core.blocks.push_back(std::move(*head));
    auto ancestry = read_ancestry(storage, found.position.height);
    if (!ancestry) return Unexpected{ancestry.error()};
    found.core.ancestry = std::move(*ancestry);
    found.core.ancestry.insert(found.core.ancestry.begin(), {genesis->id, View{0}, Height{0}});
    if (found.core.ancestry.size() > chained::BlockTree::kAncestryMax) {
      found.core.ancestry.erase(found.core.ancestry.begin());
    }
  }
  std::vector<ChainedBlock> branch;
  const Tip& tip = found.core.safety->tip;
  Digest next = tip.block;
  while (tip.view > found.position.view && next != found.position.block) {
    auto block = read_block(storage, next, config, hasher);
    if (!block) return Unexpected{block.error()};
    if (block->block->height() <= found.position.height && block->block->id != tip.block) break;
    next = block->block->parent();
    branch.push_back(std::move(*block));
  }
  found.core.blocks.insert(found.core.blocks.end(), std::make_move_iterator(branch.rbegin()),
                           std::make_move_iterator(branch.rend()));
  return found;
}

}  // namespace waggle::smr
