#pragma once

#include "consensus/chained/core.hpp"
#include "sim/trace/trace.hpp"
#include "sim/world/address.hpp"

namespace waggle::sim {

/// Notes in the trace what a step of a core changed, seen from outside: votes, timeouts,
/// certificates, views, suspended commits.
class Observer {
 public:
  /// Begins a life of the replica.
  void reset(Address address, const chained::Core& core);
  /// After every call of the host. True if a commit was held up (5.2).
  bool look(const chained::Core& core, Duration now, Trace& trace);

 private:
  Address address_;
  View voted_;
  View timed_out_;
  View high_qc_;
  View view_;
  std::uint64_t suspended_ = 0;
};

}  // namespace waggle::sim
