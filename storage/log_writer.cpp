#include "storage/log_writer.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

#include "consensus/core/ensure.hpp"

namespace waggle::storage {

LogWriter::LogWriter(Storage& storage, std::size_t queue_bytes_max)
    : storage_(storage), queue_bytes_max_(queue_bytes_max), thread_([this] { run(); }) {}

LogWriter::~LogWriter() { stop(); }

void LogWriter::submit(Batch batch, bool sync, Done done) {
  const std::size_t bytes = batch.bytes();
  {
    const std::lock_guard lock(mutex_);
    ENSURE(!stopping_, "submit after stop");
    queue_.push_back({std::move(batch), sync, std::move(done), bytes});
    ++metrics_.queued_batches;
    metrics_.queued_bytes += bytes;
  }
  wake_.notify_one();
}

bool LogWriter::full() const {
  const std::lock_guard lock(mutex_);
  return metrics_.queued_bytes > queue_bytes_max_;
}

LogWriter::Metrics LogWriter::metrics() const {
  const std::lock_guard lock(mutex_);
  return metrics_;
}

void LogWriter::stop() {
  ENSURE(std::this_thread::get_id() != thread_.get_id(), "stop from a completion");
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LogWriter::run() {
  pthread_setname_np(pthread_self(), "log");
  for (;;) {
    std::vector<Item> group = take_group();
    if (group.empty()) return;
    const Outcome<void> outcome = write_group(group);
    for (Item& item : group) {
      if (item.done) item.done(outcome);
      const std::lock_guard lock(mutex_);
      --metrics_.queued_batches;
      metrics_.queued_bytes -= item.bytes;
    }
  }
}

std::vector<LogWriter::Item> LogWriter::take_group() {
  std::unique_lock lock(mutex_);
  // A completion may still submit while the queue drains, so stopping_ alone does not end it.
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::vector<Item> group;
  std::size_t bytes = 0;
  while (!queue_.empty() && (group.empty() || bytes + queue_.front().bytes <= kGroupBytesMax)) {
    bytes += queue_.front().bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

Outcome<void> LogWriter::write_group(std::vector<Item>& group) {
  if (failure_) return Unexpected{*failure_};
  Batch merged = std::move(group.front().batch);
  bool sync = group.front().sync;
  for (std::size_t i = 1; i < group.size(); ++i) {
    merged.append(std::move(group[i].batch));
    sync = sync || group[i].sync;
  }
  const auto start = std::chrono::steady_clock::now();
  const Outcome<void> outcome = storage_.write(merged, sync);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  if (outcome) {
    count(group, sync, took);
  } else {
    failure_ = outcome.error();
    const std::lock_guard lock(mutex_);
    metrics_.failed = true;
  }
  return outcome;
}

void LogWriter::count(const std::vector<Item>& group, bool synced, std::chrono::microseconds took) {
  const std::lock_guard lock(mutex_);
  ++metrics_.writes;
  metrics_.batches += group.size();
  for (const Item& item : group) metrics_.bytes += item.bytes;
  if (!synced) return;
  ++metrics_.syncs;
  metrics_.sync_last = took;
  metrics_.sync_max = std::max(metrics_.sync_max, took);
  metrics_.sync_total += took;
}

}  // namespace waggle::storage
