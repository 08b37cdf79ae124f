#include "sim/world/disk.hpp"

#include <utility>

#include "consensus/core/encoding.hpp"
#include "storage/keys.hpp"

namespace waggle::sim {

using storage::Batch;
using storage::Family;
using storage::Outcome;
using storage::StorageError;

namespace {

std::uint64_t checksum(ByteView bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) sum = (sum ^ byte) * 0x100000001b3;
  return sum;
}

}  // namespace

Disk::Disk(EventQueue& events, Random rng, const DiskOptions& options, User& user)
    : events_(events),
      rng_(rng),
      options_(options),
      user_(user),
      storage_(std::make_unique<storage::MemoryStorage>()) {}

void Disk::submit(Batch batch, std::function<void()> durable) {
  if (options_.syncs_lie) {
    if (auto written = write(batch, false); !written) return user_.on_disk_error(written.error());
    events_.after(Duration{1}, [this, epoch = epoch_, durable = std::move(durable)]() mutable {
      if (epoch == epoch_) user_.on_durable(std::move(durable));
    });
    return;
  }
  queue_.push_back({std::move(batch), std::move(durable)});
  if (!syncing_) begin_sync();
}

void Disk::begin_sync() {
  syncing_ = true;
  std::size_t bytes = 0;
  for (const Write& write : queue_) bytes += write.batch.bytes();
  Duration latency = options_.write.draw(rng_) + options_.sync.draw(rng_);
  if (options_.bytes_per_second > 0) {
    latency += Duration{static_cast<std::int64_t>(bytes * 1'000'000 / options_.bytes_per_second)};
  }
  events_.after(latency * slowness_, [this, epoch = epoch_, group = queue_.size()] {
    if (epoch == epoch_) complete_sync(group);
  });
}

void Disk::complete_sync(std::size_t group) {
  const std::uint64_t epoch = epoch_;
  for (std::size_t i = 0; i < group && epoch == epoch_; ++i) {
    Write done = std::move(queue_.front());
    queue_.pop_front();
    if (auto written = write(done.batch, true); !written) {
      return user_.on_disk_error(written.error());
    }
    user_.on_durable(std::move(done.durable));
  }
  if (epoch != epoch_) return;
  syncing_ = false;
  if (!queue_.empty()) begin_sync();
}

void Disk::forget_writes() {
  ++epoch_;
  harmed_ = !rotten_.empty();
  queue_.clear();
  syncing_ = false;
}

void Disk::power_cut() {
  std::size_t kept = rng_.below(storage_->unsynced() + queue_.size() + 1);
  // What was on its way to the disk may have got there, in order.
  for (std::size_t i = storage_->unsynced(); i < kept && !queue_.empty(); ++i) {
    if (!write(queue_.front().batch, false)) break;
    queue_.pop_front();
  }
  storage_->crash(kept);
  if (options_.tears_believed && !queue_.empty()) write_torn(queue_.front().batch);
  forget_writes();
}

void Disk::process_killed() {
  for (std::size_t kept = rng_.below(queue_.size() + 1); kept > 0; --kept) {
    if (!write(queue_.front().batch, false)) break;
    queue_.pop_front();
  }
  forget_writes();
}

void Disk::lose() {
  storage_ = std::make_unique<storage::MemoryStorage>();
  rotten_.clear();
  failing_ = full_ = harmed_ = false;
  forget_writes();
}

void Disk::write_torn(const Batch& batch) {
  Batch part;
  for (const Batch::Op& op : batch.ops()) {
    if (rng_.chance(permille(500))) continue;  // the disk wrote its pages in an order of its own
    if (op.value) {
      part.put(op.family, op.key, *op.value, op.tail);
    } else {
      part.erase(op.family, op.key);
    }
  }
  (void)storage_->write(part, true);
}

bool Disk::rot() {
  // Families by what a replica reads back; the first with a record, from a drawn one on.
  static constexpr Family kFamilies[] = {Family::kSafety, Family::kBlocks,   Family::kHeights,
                                         Family::kMeta,   Family::kSessions, Family::kResults,
                                         Family::kState};
  const std::uint64_t first = rng_.below(std::size(kFamilies));
  for (std::size_t i = 0; i < std::size(kFamilies); ++i) {
    const Family family = kFamilies[(first + i) % std::size(kFamilies)];
    std::vector<std::pair<Bytes, Bytes>> records;
    (void)storage_->scan(family, {}, {}, [&](ByteView key, ByteView value) {
      if (!value.empty())
        records.push_back({{key.begin(), key.end()}, {value.begin(), value.end()}});
      return true;
    });
    if (records.empty()) continue;
    const auto& [key, value] = records[rng_.below(records.size())];
    rotten_.insert_or_assign({family, key}, Rot{rng_.below(value.size() * 8), checksum(value)});
    harmed_ = true;
    return true;
  }
  return false;
}

Outcome<void> Disk::write(const Batch& batch, bool sync) {
  if (full_ || failing_) {
    harmed_ = true;
    return Unexpected{StorageError{StorageError::Kind::kIo, full_ ? "disk full" : "write failed"}};
  }
  if (!rotten_.empty()) {
    for (const Batch::Op& op : batch.ops()) rotten_.erase({op.family, op.key});
  }
  auto written = storage_->write(batch, sync);
  if (options_.blocks_kept > 0 && written) erase_old_blocks(batch);
  return written;
}

/// Its value begins with a number and the height (storage/FORMAT.md).
void Disk::note_index_row(const Batch::Op& op) {
  Reader reader(*op.value);
  (void)reader.u64();
  index_rows_.emplace(reader.u64(), op.key);
}

void Disk::erase_old_blocks(const Batch& batch) {
  for (const Batch::Op& op : batch.ops()) {
    if (op.family == Family::kCommands && op.value) note_index_row(op);
    const auto height = storage::number_of_key(op.key);
    if (op.family != Family::kHeights || !height || *height <= options_.blocks_kept) continue;
    const Bytes old = storage::big_endian_key(*height - options_.blocks_kept);
    const auto row = storage_->get(Family::kHeights, old);
    if (!row || !*row || (*row)->size() < Digest::kSize) continue;
    Batch erased;
    erased.erase(Family::kHeights, old);
    erased.erase(Family::kBlocks, Bytes((*row)->begin(), (*row)->begin() + Digest::kSize));
    const auto rows_end = index_rows_.upper_bound(*height - options_.blocks_kept);
    for (auto at = index_rows_.begin(); at != rows_end; at = index_rows_.erase(at)) {
      erased.erase(Family::kCommands, std::move(at->second));
    }
    (void)storage_->write(erased, false);
  }
}

Outcome<Bytes> Disk::read_rotten(const RottenKey& key, Bytes value) const {
  const auto found = rotten_.find(key);
  if (found == rotten_.end() || value.size() * 8 <= found->second.bit) return value;
  value[found->second.bit / 8] ^= static_cast<std::uint8_t>(1 << found->second.bit % 8);
  if (!options_.rot_believed && checksum(value) != found->second.checksum) {
    return Unexpected{StorageError{StorageError::Kind::kCorrupt, "checksum mismatch"}};
  }
  return value;
}

Outcome<std::optional<Bytes>> Disk::get(Family family, ByteView key) const {
  auto found = storage_->get(family, key);
  if (rotten_.empty() || !found || !*found) return found;
  auto value = read_rotten({family, {key.begin(), key.end()}}, std::move(**found));
  if (!value) return Unexpected{value.error()};
  return std::optional(std::move(*value));
}

Outcome<void> Disk::scan(Family family, ByteView from, ByteView to,
                         const std::function<bool(ByteView key, ByteView value)>& visit) const {
  if (rotten_.empty()) return storage_->scan(family, from, to, visit);
  std::optional<StorageError> error;
  (void)storage_->scan(family, from, to, [&](ByteView key, ByteView value) {
    const auto read = read_rotten({family, {key.begin(), key.end()}}, {value.begin(), value.end()});
    if (!read) error = read.error();
    return read && visit(key, *read);
  });
  if (error) return Unexpected{*error};
  return {};
}

}  // namespace waggle::sim
