#pragma once

#include "smr/client/options.hpp"

namespace waggle::client {

/// How long an answer takes at present, so that a cluster that is slow for its load is not asked
/// again by everybody at once. As TCP estimates round trips: a smoothed mean and a smoothed
/// deviation. Pure; not thread-safe.
class LatencyEstimate {
 public:
  /// An answer took so long (Courier::took).
  void sample(Duration latency);

  /// The spans to go by: those of `least`, or longer ones while answers take longer.
  Timing stretch(Timing least) const;

 private:
  Duration mean_{0};  ///< Zero: no sample yet.
  Duration deviation_{0};
};

}  // namespace waggle::client
