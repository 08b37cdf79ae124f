#pragma once

#include <memory>
#include <string>
#include <vector>

#include "smr/client/engine.hpp"

namespace waggle::client {

/// All sessions of one key. Under pBeeGees that is one; under the median rule, which admits one
/// command of a session at a time, as many as there are commands to be under way at once, up to
/// Batching::lanes_max. A lane is opened when all others are busy. Passes on what comes in to the
/// engine it is for, and collects what comes out; otherwise as Engine. Not thread-safe.
class Lanes {
 public:
  /// Everything that is passed by reference must outlive the lanes.
  Lanes(const ClientOptions& options, const Signer& key, Stores stores, Rng& rng);

  /// Commands in one group at most. Any thread.
  std::size_t group_max() const noexcept;
  /// Which limit a group is above, and by what, for people; empty if it is above none. Any thread.
  std::string what_exceeds(const std::vector<Bytes>& commands) const;
  /// Commands of a group are executed in their order: they stand in one request, or, where a
  /// request is one command, follow one another in one lane.
  void submit(Group group, Duration now);
  void resume(std::uint64_t number, Duration deadline, Done done, Duration now);

  void connection_up(ReplicaId replica, Duration now);
  void connection_down(ReplicaId replica, const std::string& why, Duration now);
  void receive(ReplicaId from, const smr::ReplicaMessage& message, Duration now);
  void tick(Duration now);
  std::optional<Duration> next_tick(Duration now) const;
  void close();
  /// Nothing may be sent any more: what waits is reported as not sent, for this reason.
  void store_failed(const std::string& why, Duration now);

  /// In this order.
  std::vector<Sending> take_sendings();
  std::vector<Completion> take_completions();
  /// Commands that wait to be sent.
  std::size_t queued_commands() const;
  std::size_t requests_in_flight() const;
  std::size_t lanes() const noexcept { return engines_.size(); }

 private:
  Engine& open_lane(Duration now);
  /// Where a command waits least.
  Engine& choose(Duration now);
  /// Null if there is no such lane here.
  Engine* lane_of(std::uint64_t number);
  /// All that goes into an engine goes this way: something may come out of it.
  Engine& touch(Engine& engine);

  const ClientOptions& options_;
  const Signer& key_;
  Stores stores_;
  Rng& rng_;
  const Capability capability_;
  struct Link {
    bool up = false;
    std::string down_why;
  };
  std::vector<Link> links_;
  LatencyEstimate latency_;
  std::vector<std::unique_ptr<Engine>> engines_;  ///< By lane; at least one.
  std::vector<Engine*> touched_;  ///< Of which not all was taken yet. One may be there twice.
};

}  // namespace waggle::client
