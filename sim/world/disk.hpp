#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "sim/base/event_queue.hpp"
#include "sim/base/latency.hpp"
#include "storage/memory_storage.hpp"

namespace waggle::sim {

struct DiskOptions {
  Latency write = Latency::constant(Duration{20});
  Latency sync = Latency::uniform(std::chrono::microseconds(100), std::chrono::milliseconds(3));
  Latency read = Latency::uniform(Duration{20}, Duration{500});
  std::uint64_t bytes_per_second = 0;  ///< 0: no limit.
  /// Committed blocks that far below the last one are erased, for long runs in a bounded memory;
  /// at least 2,048, because a restart reads that far back. 0: none. Who falls further behind
  /// does not catch up.
  std::uint64_t blocks_kept = 0;
  // Broken machines. No replica can stand them: the checkers must notice.
  bool syncs_lie = false;       ///< Writes are called durable before they are.
  bool tears_believed = false;  ///< A crash may leave some parts of a batch.
  bool rot_believed = false;    ///< Reads do not look at checksums.
};

/// One replica's disk, with the log writer of its process: batches that come while a sync is under
/// way share the next one. A power cut keeps a prefix of what was not synced. Every record has a
/// checksum, as on a real disk, so a rotten one reads as an error.
class Disk final : public storage::Storage {
 public:
  /// The process that writes. Called from events of the queue only.
  class User {
   public:
    virtual ~User() = default;
    virtual void on_durable(std::function<void()> durable) = 0;
    virtual void on_disk_error(const storage::StorageError& error) = 0;
  };
  Disk(EventQueue& events, Random rng, const DiskOptions& options, User& user);

  /// Makes the batch durable, then hands `durable` to the user; in order.
  void submit(storage::Batch batch, std::function<void()> durable);
  Duration read_latency() { return options_.read.draw(rng_) * slowness_; }
  std::size_t waiting() const noexcept { return queue_.size(); }

  // What happens to the machine. Each ends the process's writes that are under way.
  /// Of what was not synced a prefix of drawn length is kept. The disk works again.
  void power_cut();
  /// The process alone dies: the system still writes what it has been given.
  void process_killed();
  /// An empty disk takes its place.
  void lose();

  // What happens to the disk.
  void fail_writes(bool fail) { failing_ = fail; }
  void fill(bool full) { full_ = full; }
  void slow_down(std::int64_t factor) { slowness_ = factor; }
  /// Flips one bit of a drawn record. False: there is none.
  bool rot();
  /// Something was done to it that no replica need survive.
  bool harmed() const noexcept { return harmed_; }

  // Storage, for the executor and readers.
  storage::Outcome<void> write(const storage::Batch& batch, bool sync) override;
  storage::Outcome<std::optional<Bytes>> get(storage::Family family, ByteView key) const override;
  storage::Outcome<void> scan(
      storage::Family family, ByteView from, ByteView to,
      const std::function<bool(ByteView key, ByteView value)>& visit) const override;

 private:
  struct Write {
    storage::Batch batch;
    std::function<void()> durable;
  };
  struct Rot {
    std::size_t bit;
    std::uint64_t checksum;  ///< Of the value as it was written.
  };
  using RottenKey = std::pair<storage::Family, Bytes>;

  void begin_sync();
  void complete_sync(std::size_t group);
  void forget_writes();
  void note_index_row(const storage::Batch::Op& op);
  void erase_old_blocks(const storage::Batch& batch);
  void write_torn(const storage::Batch& batch);
  /// The value as it now reads, or the error that its checksum makes of it.
  storage::Outcome<Bytes> read_rotten(const RottenKey& key, Bytes value) const;

  EventQueue& events_;
  Random rng_;
  const DiskOptions options_;
  User& user_;
  std::unique_ptr<storage::MemoryStorage> storage_;
  std::map<RottenKey, Rot> rotten_;
  std::multimap<std::uint64_t, Bytes> index_rows_;  ///< Keys by height, if those are to be erased.
  std::deque<Write> queue_;
  std::uint64_t epoch_ = 0;  ///< Of the process; what an older one began is not completed.
  std::int64_t slowness_ = 1;
  bool syncing_ = false;
  bool failing_ = false;
  bool full_ = false;
  bool harmed_ = false;
};

}  // namespace waggle::sim
