#pragma once

#include <functional>
#include <set>
#include <utility>

#include "sim/base/event_queue.hpp"
#include "sim/base/random.hpp"

namespace waggle::sim {

/// How a link behaves. Delays are drawn per message, so messages overtake each other.
struct LinkQuality {
  Duration delay_min = std::chrono::microseconds(200);
  Duration delay_max = std::chrono::milliseconds(4);
  std::uint32_t lost_permille = 0;
  std::uint32_t doubled_permille = 0;
  std::uint32_t slow_permille = 0;  ///< Delayed slow_factor times as long.
  std::uint32_t slow_factor = 20;
};

/// The links between replicas; clients use the same quality and are never cut off.
class Network {
 public:
  using Deliver = std::function<void()>;
  Network(EventQueue& events, Random rng) : events_(events), rng_(rng) {}

  LinkQuality quality;

  void send(ReplicaId from, ReplicaId to, const Deliver& deliver);
  /// Between a client and a replica.
  void send_client(const Deliver& deliver) { pass(deliver); }

  bool is_cut(ReplicaId from, ReplicaId to) const { return cuts_.contains({from, to}); }
  void cut(ReplicaId from, ReplicaId to) { cuts_.emplace(from, to); }
  /// Returns the pairs that were cut in at least one direction, lower id first.
  std::set<std::pair<ReplicaId, ReplicaId>> heal();

 private:
  void pass(const Deliver& deliver);

  EventQueue& events_;
  Random rng_;
  std::set<std::pair<ReplicaId, ReplicaId>> cuts_;
};

}  // namespace waggle::sim
