#pragma once

#include <array>
#include <map>

#include "consensus/core/buggify.hpp"
#include "sim/base/event_queue.hpp"
#include "sim/base/random.hpp"
#include "sim/trace/trace.hpp"
#include "sim/world/address.hpp"

namespace waggle::sim {

/// Which places (consensus/core/buggify.hpp) strike in a world.
struct BuggifyOptions {
  std::map<Place, Share> chances;  ///< How often, each time that it is reached. Absent: never.
  Duration until = Duration::max();
};

/// How often each place struck, by its number.
using Strikes = std::array<std::uint64_t, kPlaceCount>;

/// Lets places at one address strike, by chance. What it refers to must outlive it.
class Buggifier final : public Buggify {
 public:
  Buggifier(Address address, const BuggifyOptions& options, Random rng, const EventQueue& events,
            Trace& trace)
      : address_(address), options_(options), rng_(rng), events_(events), trace_(trace) {}

  bool strikes(Place place) noexcept override;
  const Strikes& struck() const noexcept { return struck_; }

 private:
  const Address address_;
  const BuggifyOptions& options_;
  Random rng_;
  const EventQueue& events_;
  Trace& trace_;
  Strikes struck_{};
};

}  // namespace waggle::sim
