#include "smr/replica/upgrade.hpp"

#include "smr/replica/layout.hpp"
#include "smr/replica/sessions.hpp"
#include "storage/keys.hpp"

namespace waggle::smr {

using storage::Family;
using storage::Outcome;
using storage::StorageError;

namespace {

constexpr std::uint32_t kFormat = 3;
constexpr std::size_t kBatchBytes = 1 << 20;

Unexpected<StorageError> corrupt(const std::string& what) {
  return Unexpected{StorageError{StorageError::Kind::kCorrupt,
                                 what + ": the directory cannot be brought to format 3; move it "
                                        "away and start with --rejoin"}};
}

/// The block at a height, found by the part of the row that both formats have.
Outcome<BlockPtr> read_block(const storage::Storage& storage, Height height,
                             const ChainConfig& config, const Hasher& hasher) {
  const std::string name = "block at height " + std::to_string(height.value);
  const auto row = storage.get(Family::kHeights, storage::big_endian_key(height.value));
  if (!row) return Unexpected{row.error()};
  if (!*row) return corrupt(name + " is missing");
  const auto id = Reader(**row).fixed<Digest>();
  const auto value = storage.get(Family::kBlocks, id.view());
  if (!value) return Unexpected{value.error()};
  const auto block = *value ? layout::decode_block(**value, config, hasher) : std::nullopt;
  if (!block || block->block->id != id) return corrupt(name + " does not decode");
  return block->block;
}

/// Format 1 has no count of ordered commands in the executed position.
std::optional<Executed> decode_executed_1(ByteView bytes) {
  Reader reader(bytes);
  Executed executed;
  executed.height = reader.height();
  executed.block = reader.fixed<Digest>();
  executed.view = reader.view();
  executed.commands = reader.u64();
  executed.state = reader.fixed<Digest>();
  executed.digest = reader.fixed<Digest>();
  if (!reader.done()) return std::nullopt;
  return executed;
}

/// Indexes all blocks up to the executed one; returns the number of commands in them.
Outcome<std::uint64_t> index_chain(storage::Storage& storage, Height executed,
                                   const ChainConfig& config, const Hasher& hasher) {
  Sessions sessions(config.sessions_max, hasher);
  std::uint64_t ordered = 0;
  storage::Batch batch;
  for (Height height{1}; height <= executed; height = height.next()) {
    const auto block = read_block(storage, height, config, hasher);
    if (!block) return Unexpected{block.error()};
    std::vector<Decision> decisions;
    for (const RequestRef& request : (*block)->payload->requests()) {
      for (std::uint64_t number = request.first; number <= request.last(); ++number) {
        decisions.push_back(sessions.admit(request.client, number));
      }
    }
    (void)sessions.take_changes();
    ordered += decisions.size();
    index_block(batch, **block, decisions, ordered);
    if (batch.bytes() < kBatchBytes) continue;
    if (auto written = storage.write(std::exchange(batch, {}), false); !written) {
      return Unexpected{written.error()};
    }
  }
  if (auto written = storage.write(batch, false); !written) return Unexpected{written.error()};
  return ordered;
}

/// Formats 1 and 2 have a row for each result, with a shorter key: client | u64 number, and view |
/// height | block | result.
Outcome<void> gather_results(storage::Storage& storage) {
  constexpr std::size_t kOldKey = ClientId::kSize + sizeof(std::uint64_t);
  constexpr std::size_t kOldHead = 2 * sizeof(std::uint64_t) + Digest::kSize;
  Bytes from;
  for (bool more = true; more;) {
    storage::Batch batch;
    more = false;
    bool readable = true;
    const auto scanned =
        storage.scan(Family::kResults, from, {}, [&](ByteView key, ByteView value) {
          from.assign(key.begin(), key.end());
          more = batch.bytes() >= kBatchBytes;  // goes on with this row, in the next batch
          if (more || key.size() != kOldKey) return !more;
          readable = value.size() >= kOldHead;
          if (!readable) return false;
          Bytes row(value.begin(), value.begin() + kOldHead);
          const Bytes result = Writer().sized(value.subspan(kOldHead)).take();
          row.insert(row.end(), result.begin(), result.end());
          batch.put(
              Family::kResults,
              layout::results_key(Reader(key).fixed<ClientId>(), *storage::number_of_key(key), 1),
              std::move(row));
          batch.erase(Family::kResults, from);
          return true;
        });
    if (!scanned) return Unexpected{scanned.error()};
    if (!readable) return corrupt("the result of a command does not decode");
    if (auto written = storage.write(batch, false); !written) return written;
  }
  return {};
}

/// The version that the data has to be brought up from, or kFormat. What of it is converted can
/// no longer be told from here on.
Outcome<std::uint32_t> begin(storage::Storage& storage) {
  const auto format = storage.get(Family::kMeta, as_bytes(layout::kFormatKey));
  if (!format) return Unexpected{format.error()};
  const std::uint32_t version = *format ? Reader(**format).u32() : kFormat;
  if (version < kFormat) {
    storage::Batch batch;
    batch.put(Family::kMeta, to_bytes(layout::kFormatKey), Writer().u32(kFormat).take());
    batch.put(Family::kMeta, to_bytes(layout::kUpgradingKey), Writer().u32(version).take());
    if (auto written = storage.write(batch, true); !written) return Unexpected{written.error()};
    return version;
  }
  const auto before = storage.get(Family::kMeta, as_bytes(layout::kUpgradingKey));
  if (!before) return Unexpected{before.error()};
  return *before ? Reader(**before).u32() : kFormat;
}

}  // namespace

Outcome<std::uint64_t> upgrade(storage::Storage& storage, const ChainConfig& config,
                               const Hasher& hasher) {
  const auto version = begin(storage);
  if (!version) return Unexpected{version.error()};
  if (*version >= kFormat) return std::uint64_t{0};

  if (auto gathered = gather_results(storage); !gathered) return Unexpected{gathered.error()};
  storage::Batch batch;
  std::uint64_t blocks = 0;
  const auto stored = storage.get(Family::kMeta, as_bytes(layout::kExecutedKey));
  if (!stored) return Unexpected{stored.error()};
  if (*stored && *version < 2) {
    auto position = decode_executed_1(**stored);
    if (!position) return corrupt("the executed position does not decode");
    const auto ordered = index_chain(storage, position->height, config, hasher);
    if (!ordered) return Unexpected{ordered.error()};
    position->ordered = *ordered;
    blocks = position->height.value;
    batch.put(Family::kMeta, to_bytes(layout::kExecutedKey), layout::encode(*position));
  }
  batch.erase(Family::kMeta, to_bytes(layout::kUpgradingKey));
  if (auto written = storage.write(batch, true); !written) return Unexpected{written.error()};
  return blocks;
}

}  // namespace waggle::smr
