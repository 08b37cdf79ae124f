#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "storage/storage.hpp"

namespace waggle::storage {

/// Group commit. Owns the thread that writes; whatever was submitted while one write was under
/// way goes to disk together, in order, as one atomic batch with at most one sync.
///
/// submit() never blocks and may be called by any thread. The queue is bounded by agreement:
/// who takes in new work asks full() first and waits while it is true. (Blocking or refusing
/// here could deadlock or break a barrier: a step of the core that is half performed has to be
/// performed to its end.)
///
/// After a failed write nothing is written any more: the batches of that write and all later
/// ones complete with the same error. The owner then stops the replica.
class LogWriter {
 public:
  /// Called once per batch, in the order of submission, on the writer thread; without `sync`
  /// the batch is visible by then, with `sync` durable. Must not block for long and must not
  /// call stop(); may call submit().
  using Done = std::function<void(Outcome<void>)>;

  /// A consistent copy of the gauges and counters. Counters start at zero with the writer.
  struct Metrics {
    std::uint64_t batches = 0;  ///< Batches written; divided by `writes` the size of a group.
    std::uint64_t writes = 0;   ///< Writes to the storage, synced or not.
    std::uint64_t syncs = 0;    ///< Writes with a sync.
    std::uint64_t bytes = 0;    ///< Bytes of keys and values written.
    std::chrono::microseconds sync_last{0};   ///< Duration of the last write with a sync.
    std::chrono::microseconds sync_max{0};    ///< The longest.
    std::chrono::microseconds sync_total{0};  ///< Sum over `syncs`.
    std::size_t queued_batches = 0;           ///< Submitted and not yet completed.
    std::size_t queued_bytes = 0;             ///< The same in bytes.
    bool failed = false;                      ///< A write failed; nothing is written any more.
  };

  static constexpr std::size_t kQueueBytesMax = 16 << 20;
  /// A group larger than this is split, so that a write's memory stays bounded.
  static constexpr std::size_t kGroupBytesMax = 4 << 20;

  /// `storage` must outlive the writer.
  explicit LogWriter(Storage& storage, std::size_t queue_bytes_max = kQueueBytesMax);
  ~LogWriter();  ///< stop()
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// Queues a batch, which may be empty (with `sync`: a barrier for what came before it).
  void submit(Batch batch, bool sync, Done done);
  /// More than queue_bytes_max are queued: take in no more work for now.
  bool full() const;
  Metrics metrics() const;
  /// Writes and completes what is queued, then ends the thread. Once submit() can no longer be
  /// called by others; idempotent.
  void stop();

 private:
  struct Item {
    Batch batch;
    bool sync;
    Done done;
    std::size_t bytes;
  };

  void run();
  /// Takes the next group from the queue, or nothing when stopped and drained.
  std::vector<Item> take_group();
  Outcome<void> write_group(std::vector<Item>& group);
  void count(const std::vector<Item>& group, bool synced, std::chrono::microseconds took);

  Storage& storage_;
  const std::size_t queue_bytes_max_;
  mutable std::mutex mutex_;  ///< Guards everything below, up to failure_.
  std::condition_variable wake_;
  std::deque<Item> queue_;
  Metrics metrics_;
  bool stopping_ = false;
  std::optional<StorageError> failure_;  ///< The writer thread's own.
  std::thread thread_;
};

}  // namespace waggle::storage
