#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace waggle::smr {

/// Runs jobs one after the other on a thread of its own, behind an ordered queue, so that slow
/// commands do not hold up consensus. What executes, an Executor or a SealedExecutor, is used by
/// these jobs alone.
class ExecutionThread {
 public:
  /// False: after it no job runs.
  using Job = std::function<bool()>;

  ExecutionThread();
  ~ExecutionThread();  ///< stop()
  ExecutionThread(const ExecutionThread&) = delete;
  ExecutionThread& operator=(const ExecutionThread&) = delete;

  /// Any thread. Never blocks.
  void submit(Job job);
  /// Ends the thread after the job at hand; what waits is executed after the next start.
  void stop();
  /// Jobs that wait.
  std::size_t depth() const;

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace waggle::smr
