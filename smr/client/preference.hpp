#pragma once

#include <cstdint>
#include <vector>

#include "consensus/core/ids.hpp"

namespace waggle::client {

/// In which order a session asks replicas. At the start it depends on the client and its lane, so
/// that all share the load. A request that was on its way alone moves it to who answered first: on
/// a quiet chain that is who leads next, and what reaches the leader need not be forwarded. Who
/// let a request wait until everybody was asked comes last, until all have done so: a silent
/// replica costs one wait, and nobody gets hold of a client's requests by answering fast and
/// forwarding nothing. Pure; not thread-safe.
class Preference {
 public:
  /// `start` below `n`.
  Preference(std::uint32_t n, std::uint32_t start) : first_(start), let_down_(n) {}

  /// All replicas, in the order in which they are asked.
  std::vector<ReplicaId> order() const;
  /// Of all replicas it was the first to answer.
  void answered_first(ReplicaId replica);
  /// It was asked first, and others had to answer.
  void let_down(ReplicaId replica);

 private:
  std::uint32_t first_;
  std::vector<bool> let_down_;
};

}  // namespace waggle::client
