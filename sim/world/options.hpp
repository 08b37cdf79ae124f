#pragma once

#include <string>
#include <vector>

#include "consensus/chained/guards.hpp"
#include "consensus/chained/pacemaker_config.hpp"
#include "consensus/core/chain_config.hpp"
#include "sim/crypto/suite.hpp"
#include "sim/world/buggifier.hpp"
#include "sim/world/clock.hpp"
#include "sim/world/disk.hpp"
#include "sim/world/network.hpp"
#include "smr/median/parameters.hpp"
#include "smr/median/sealing_guards.hpp"

namespace waggle::sim {

chained::PacemakerConfig default_pacemaker();

/// Of a world with the median rule. What is 0 is as recommended for so many servers.
struct MedianOptions {
  Duration round{0};           ///< Length of a round.
  std::uint32_t window = 0;    ///< B.
  std::uint32_t age = 0;       ///< T.
  std::uint32_t requests = 0;  ///< k; from 33 servers on.
  std::uint32_t replies = 0;   ///< l; likewise.
  median::SealingGuards guards;
};

/// Everything that a world is made from. Equal options and calls make equal worlds.
struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint32_t n = 4;
  /// Replicas that run twice: the i-th also at address n + i. The judge excuses them.
  std::vector<std::uint32_t> twins;
  std::string core = "pbeegees";  ///< One of core_names(), or kMedianCore.
  MedianOptions median;
  std::uint32_t depth_max = 0;  ///< D; 0: what the core needs.
  Signatures signatures = Signatures::kSymbolic;
  Limits limits;  ///< Of payloads and requests.
  NetworkOptions network;
  DiskOptions disk;
  ClockOptions clock;
  BuggifyOptions buggify;
  Latency execution = Latency::uniform(Duration{5}, std::chrono::milliseconds(2));
  chained::PacemakerConfig pacemaker = default_pacemaker();
  /// Leaders of views 1, 2, ..., over and over; empty: round robin.
  std::vector<std::uint32_t> leaders;
  // What plant() (planted.hpp) changes.
  std::vector<std::string> without;  ///< Names of planted bugs.
  chained::Guards guards;
  CertificateGuards certificate_guards;
  /// Requests that replicas forward to each other never arrive.
  bool forwards_lost = false;
  /// Where the events of the run go; null: nowhere. Must outlive the world.
  EventSink* sink = nullptr;
};

/// The core whose servers are no replicas of a chain: the sealed median rule.
inline constexpr std::string_view kMedianCore = "median";
inline bool is_median(std::string_view core) { return core == kMedianCore; }

/// Of a world with the median rule: as the options say, and as recommended where they do not.
median::Parameters parameters_of(const WorldOptions& options);
Duration round_of(const WorldOptions& options);

/// One of every replica, and a second one of every twin.
inline std::uint32_t addresses_of(const WorldOptions& options) {
  return options.n + static_cast<std::uint32_t>(options.twins.size());
}

}  // namespace waggle::sim
