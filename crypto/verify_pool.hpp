#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace waggle::crypto {

/// Threads that verify signatures and decode messages away from the thread that owns the core.
/// A job posts its result to a bounded queue of its owner itself.
///
/// The number of jobs accepted and not yet finished is bounded; beyond it try_submit refuses, and
/// the caller stops reading from the connection or refuses the message: work never piles up.
/// Jobs start in the order of submission but may finish in any order. Idle workers sleep.
///
/// All functions are thread-safe, but drain(), stop() and the destructor must not be called from
/// within a job.
class VerifyPool {
 public:
  /// Must not throw; an exception ends the process.
  using Job = std::function<void()>;

  /// Both at least 1. Throws std::system_error when the system gives no thread.
  VerifyPool(std::size_t threads, std::size_t jobs_max);
  /// stop()
  ~VerifyPool();
  VerifyPool(const VerifyPool&) = delete;
  VerifyPool& operator=(const VerifyPool&) = delete;

  /// Hands a job over. False when jobs_max jobs are unfinished or the pool has stopped; `job` is
  /// then as it was. Never waits for a job.
  bool try_submit(Job&& job);

  /// Waits until every accepted job has finished or was dropped.
  void drain();

  /// Accepts no more jobs and waits for the workers. A job that a worker holds (each holds up to
  /// sixteen) is finished; a job still in the queue is destroyed without having run. Afterwards no
  /// job runs. Idempotent. Call drain() before to finish everything.
  void stop();

  /// Jobs accepted and not finished: what a gauge shows.
  std::size_t depth() const noexcept { return unfinished_.load(std::memory_order_relaxed); }
  std::size_t jobs_max() const noexcept { return jobs_max_; }

 private:
  void work() noexcept;
  bool take(std::vector<Job>& batch);
  void finish(std::size_t jobs) noexcept;

  const std::size_t threads_;
  const std::size_t jobs_max_;
  std::atomic<std::size_t> unfinished_{0};  ///< Grows under mutex_ only.

  std::mutex mutex_;  ///< Over what follows, up to workers_.
  std::condition_variable work_;
  std::condition_variable idle_;
  std::deque<Job> queue_;
  bool stopping_ = false;

  std::mutex stop_mutex_;  ///< One stop() at a time; over workers_ after construction.
  std::vector<std::thread> workers_;
};

}  // namespace waggle::crypto
