#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "smr/replica/environment.hpp"
#include "storage/memory_storage.hpp"

namespace waggle::smr {

/// Notes what a host does. Writes and reads wait until the test lets them happen.
class FakeEnvironment final : public Environment {
 public:
  void send(ReplicaId to, const chained::Message& message) override {
    sent.emplace_back(to, message);
  }
  void broadcast(const chained::Message& message) override { broadcasts.push_back(message); }
  void send(ReplicaId to, const median::Message& message) override {
    median_sent.emplace_back(to, message);
  }
  void broadcast(const median::Message& message) override { median_broadcast.push_back(message); }
  void send(ReplicaId to, const HostMessage& message) override {
    host_sent.emplace_back(to, message);
  }
  void reply(ClientConnection to, ReplicaMessage message) override {
    replies.emplace_back(to, std::move(message));
  }
  void set_timer(TimerId timer, Duration after) override { timers[timer] = after; }
  void cancel_timer(TimerId timer) override { timers.erase(timer); }
  void write(storage::Batch batch, std::function<void()> durable) override {
    writes.emplace_back(std::move(batch), std::move(durable));
  }
  void read(std::function<void(const storage::Storage&)> job, std::function<void()> done) override {
    reads.emplace_back(std::move(job), std::move(done));
  }
  void execute(ExecutionJob) override {}
  void execute(SealedJob job, std::function<void()> done) override {
    sealed_jobs.emplace_back(std::move(job), std::move(done));
  }
  void log(Severity, std::string line) override { lines.push_back(std::move(line)); }
  void stop(std::string reason) override { stopped = std::move(reason); }

  void finish_writes() {
    while (!writes.empty()) {
      const auto [batch, durable] = std::move(writes.front());
      writes.pop_front();
      (void)storage.write(batch, true);
      durable();
    }
  }
  void finish_reads() {
    while (!reads.empty()) {
      const auto [job, done] = std::move(reads.front());
      reads.pop_front();
      job(storage);
      done();
    }
  }

  storage::MemoryStorage storage;
  std::deque<std::pair<storage::Batch, std::function<void()>>> writes;
  std::deque<std::pair<std::function<void(const storage::Storage&)>, std::function<void()>>> reads;
  std::vector<std::pair<ReplicaId, chained::Message>> sent;
  std::vector<chained::Message> broadcasts;
  std::vector<std::pair<ReplicaId, HostMessage>> host_sent;
  std::map<TimerId, Duration> timers;
  std::vector<std::string> lines;
  std::vector<std::pair<ReplicaId, median::Message>> median_sent;
  std::vector<median::Message> median_broadcast;
  std::deque<std::pair<SealedJob, std::function<void()>>> sealed_jobs;
  std::vector<std::pair<ClientConnection, ReplicaMessage>> replies;
  std::string stopped;
};

}  // namespace waggle::smr
