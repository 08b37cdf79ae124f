#include "smr/replica/chain_index.hpp"

#include "smr/replica/layout.hpp"
#include "storage/keys.hpp"

namespace waggle::smr {

using storage::Family;
using storage::Outcome;
using storage::StorageError;

namespace {

Unexpected<StorageError> corrupt(const std::string& what) {
  return Unexpected{StorageError{StorageError::Kind::kCorrupt, what + " does not decode"}};
}

/// Numbers of one client that follow each other in one request and were executed.
struct Run {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint32_t index = 0;  ///< Of the first among the block's commands.
};

void put_run(storage::Batch& batch, const ClientId& client, Height height, const Run& run) {
  // By the last number: the first row at or above a number is the only one that may hold it.
  batch.put(Family::kCommands, storage::big_endian_key(client.view(), run.last),
            Writer().u64(run.first).height(height).u32(run.index).take());
}

}  // namespace

void index_block(storage::Batch& batch, const Block& block, std::span<const Decision> decisions,
                 std::uint64_t ordered) {
  std::uint32_t index = 0;
  for (const RequestRef& request : block.payload->requests()) {
    std::optional<Run> run;
    for (std::uint64_t number = request.first; number <= request.last(); ++number, ++index) {
      if (decisions[index] == Decision::kExecute) {
        if (!run) run = Run{number, number, index};
        run->last = number;
      } else if (run) {
        put_run(batch, request.client, block.height(), *run);
        run.reset();
      }
    }
    if (run) put_run(batch, request.client, block.height(), *run);
  }
  batch.put(Family::kHeights, storage::big_endian_key(block.height().value),
            layout::encode_committed(block.id, block.view(), ordered));
}

Outcome<std::optional<CommittedRow>> committed_at(const storage::Storage& storage, Height height) {
  auto value = storage.get(Family::kHeights, storage::big_endian_key(height.value));
  if (!value) return Unexpected{value.error()};
  if (!*value) return std::optional<CommittedRow>{};
  auto row = layout::decode_committed(height, **value);
  if (!row) return corrupt("the index of committed heights");
  return row;
}

Outcome<std::optional<CommandPlace>> find_command(const storage::Storage& storage,
                                                  const ClientId& client, std::uint64_t number) {
  std::optional<CommandPlace> place;
  bool decoded = true;
  const auto scanned =
      storage.scan(Family::kCommands, storage::big_endian_key(client.view(), number),
                   storage::prefix_end(client.view()), [&](ByteView, ByteView value) {
                     Reader reader(value);
                     const std::uint64_t first = reader.u64();
                     const Height height = reader.height();
                     const std::uint32_t index = reader.u32();
                     decoded = reader.done();
                     if (decoded && first <= number) {
                       place = {height, index + static_cast<std::uint32_t>(number - first)};
                     }
                     return false;
                   });
  if (!scanned) return Unexpected{scanned.error()};
  if (!decoded) return corrupt("the index of commands");
  return place;
}

Outcome<std::optional<CommittedRow>> block_of(const storage::Storage& storage,
                                              std::uint64_t position, Height highest) {
  std::optional<CommittedRow> found;
  std::uint64_t low = 1;
  std::uint64_t high = highest.value;
  while (low <= high) {
    const std::uint64_t middle = low + (high - low) / 2;
    auto row = committed_at(storage, Height{middle});
    if (!row) return Unexpected{row.error()};
    if (*row && (*row)->ordered > position) {
      found = std::move(*row);
      high = middle - 1;
    } else {
      low = middle + 1;  // what is missing was pruned from below
    }
  }
  return found;
}

}  // namespace waggle::smr
