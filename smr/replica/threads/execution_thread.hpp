#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "smr/replica/executor.hpp"

namespace waggle::smr {

/// Runs an Executor on a thread of its own, behind an ordered queue, so that slow commands do not
/// hold up consensus.
class ExecutionThread {
 public:
  /// Called on the execution thread, once per job and in their order; after an error no job runs.
  using Done = std::function<void(storage::Outcome<ExecutionResult>)>;

  ExecutionThread(Executor executor, Done done);
  ~ExecutionThread();  ///< stop()
  ExecutionThread(const ExecutionThread&) = delete;
  ExecutionThread& operator=(const ExecutionThread&) = delete;

  /// Any thread. Never blocks.
  void submit(ExecutionJob job);
  /// Ends the thread after the job at hand; what waits is executed after the next start.
  void stop();
  /// Blocks that wait.
  std::size_t depth() const;

 private:
  void run();

  Executor executor_;
  const Done done_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ExecutionJob> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace waggle::smr
