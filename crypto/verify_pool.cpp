#include "crypto/verify_pool.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

#include "consensus/core/ensure.hpp"

namespace waggle::crypto {
namespace {

/// Jobs that a worker takes under one lock: a lock per job shows at tens of thousands per second,
/// and a larger number would let one worker sit on jobs that another could run.
constexpr std::size_t kBatchMax = 16;

}  // namespace

VerifyPool::VerifyPool(std::size_t threads, std::size_t jobs_max)
    : threads_(threads), jobs_max_(jobs_max) {
  ENSURE(threads >= 1 && jobs_max >= 1);
  workers_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  } catch (...) {
    stop();
    throw;
  }
}

VerifyPool::~VerifyPool() { stop(); }

bool VerifyPool::try_submit(Job&& job) {
  {
    const std::lock_guard guard(mutex_);
    if (stopping_ || unfinished_.load(std::memory_order_relaxed) >= jobs_max_) return false;
    queue_.push_back(std::move(job));
    unfinished_.fetch_add(1, std::memory_order_relaxed);
  }
  work_.notify_one();
  return true;
}

void VerifyPool::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return unfinished_.load(std::memory_order_acquire) == 0; });
}

void VerifyPool::stop() {
  const std::lock_guard one(stop_mutex_);
  std::deque<Job> dropped;
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  work_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  const std::size_t count = dropped.size();
  dropped.clear();
  finish(count);
}

void VerifyPool::work() noexcept {
  pthread_setname_np(pthread_self(), "verify");
  std::vector<Job> batch;
  while (take(batch)) {
    for (Job& job : batch) {
      job();
      job = nullptr;  // what it holds goes before it counts as finished
      finish(1);
    }
    batch.clear();
  }
}

/// Waits for jobs; false when the pool stops.
bool VerifyPool::take(std::vector<Job>& batch) {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) return false;
  const std::size_t share = std::clamp(queue_.size() / threads_, std::size_t{1}, kBatchMax);
  for (std::size_t i = 0; i < share; ++i) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return true;
}

void VerifyPool::finish(std::size_t jobs) noexcept {
  if (unfinished_.fetch_sub(jobs, std::memory_order_acq_rel) != jobs) return;
  const std::lock_guard guard(mutex_);  // between a waiter's look at the number and its sleep
  idle_.notify_all();
}

}  // namespace waggle::crypto
