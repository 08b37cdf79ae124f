#include "smr/replica/threads/execution_thread.hpp"

#include <utility>

#include <pthread.h>

namespace waggle::smr {

ExecutionThread::ExecutionThread() : thread_([this] { run(); }) {}

ExecutionThread::~ExecutionThread() { stop(); }

void ExecutionThread::submit(Job job) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(job));
  wake_.notify_one();
}

void ExecutionThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::size_t ExecutionThread::depth() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void ExecutionThread::run() {
  pthread_setname_np(pthread_self(), "execute");
  for (;;) {
    std::deque<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      jobs.swap(queue_);
    }
    for (const Job& job : jobs) {
      if (!job()) return;
    }
  }
}

}  // namespace waggle::smr
