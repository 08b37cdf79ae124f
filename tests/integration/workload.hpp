#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/integration/cluster.hpp"

namespace waggle::integration {

/// Clients that write without pause, and know what the state has to be afterwards. Each one, on a
/// thread of its own, sends a group of commands, waits for its outcomes, asks on for those that are
/// unknown, and sends the next:
///   an increment of a counter that all share    no two may get the same sum
///   an increment of its own counter             the sums must be 1, 2, 3 ...
///   a put to a key never used before            must be there in the end
///   a put to one of its few keys                the last one must be there in the end
class Workload {
 public:
  Workload(const Cluster& cluster, std::uint32_t clients, std::uint64_t seed);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  /// Commands acknowledged as committed until now.
  std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  /// Waits until `more` further commands are acknowledged: how long that took.
  std::optional<double> time_to_commit(milliseconds timeout, std::uint64_t more = 1) const;
  /// Lets the clients end what they are at.
  void stop();
  /// After stop(): reads everything through another client and compares. One line for each
  /// acknowledged write that is missing, each write that was done twice, each unwanted outcome.
  std::vector<std::string> problems(client::Client& reader) const;
  /// Fails the test for each of these.
  void verify(client::Client& reader) const;

  /// After stop(). The longest span without an acknowledgement that begins in [from, to].
  double longest_gap(Clock::time_point from, Clock::time_point to) const;
  std::uint64_t resumed() const noexcept { return resumed_; }

 private:
  struct Worker {
    std::string name;
    std::unique_ptr<client::Client> client;
    std::uint64_t seed = 0;
    std::thread thread;
    std::uint64_t groups = 0;
    std::uint64_t own_sum = 0;                  ///< Acknowledged increments of its counter.
    std::map<std::string, std::string> values;  ///< Acknowledged puts.
    std::vector<std::int64_t> shared_sums;      ///< What the shared counter was afterwards.
    std::vector<Clock::time_point> times;
    std::vector<std::string> failures;
  };

  void work(Worker& worker);
  void send_group(Worker& worker, std::uint64_t pick);
  /// The result once it is committed; nothing, and a failure noted, if that does not come about.
  std::optional<app::KvResult> settle(Worker& worker, client::Outcome outcome);

  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> resumed_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
};

/// Everything under a prefix, by ordered scans.
std::map<std::string, std::string> read_all(client::Client& client, const std::string& prefix);

}  // namespace waggle::integration
