#pragma once

#include <string>
#include <vector>

#include "sim/rounds/extended_servers.hpp"
#include "sim/rounds/log_world.hpp"

/// What T and B are chosen by (docs/spec/median-smr.md, 7.6): how long prefixes take to settle, and
/// how long a window takes to be sealed.
namespace waggle::sim::rounds {

struct Calibrated {
  median::Parameters parameters;  ///< T and B of no account, but in measure_latency().
  std::uint32_t load = 4;         ///< Commands in each round.
  std::string block = "none";     ///< As make_blocker() takes it. To be valid.
  std::uint64_t seed = 1;
};

struct Settling {
  SettleTimes times;
  Round rounds = 0;
  Round open = 0;            ///< Age of the oldest entry that is left over; it is not in `times`.
  std::uint64_t useful = 0;  ///< Servers, summed over rounds.
  bool collapsed = false;    ///< In the end no server held a log.

  void add(const Settling& other);
};
/// Algorithm 3 for so many rounds. With `keep_logs`, as servers that seal do it (ExtendedServers).
Settling measure_settling(const Calibrated& setup, Round rounds, bool keep_logs);

/// Rounds from a window's beginning, by rounds: how many windows took so long until the first
/// server had sealed something in them, and until more than half of all servers knew.
struct SealTimes {
  std::vector<std::uint64_t> first;
  std::vector<std::uint64_t> majority;
  std::uint64_t windows = 0;   ///< That were over in time to be judged.
  std::uint64_t unsealed = 0;  ///< Of these, nothing was sealed in them before the next one began.

  void add(const SealTimes& other);
};
/// Sealing with the windows of `setup`, so many of them. The first ones, in which nothing is old
/// enough yet, do not count.
SealTimes measure_sealing(const Calibrated& setup, std::uint64_t windows);

/// From submission to acknowledgement, in rounds.
struct Latency {
  std::uint64_t submitted = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t mean_milli = 0;  ///< Over those acknowledged; thousandths.
  Round p50 = 0;
  Round p99 = 0;
  Round longest_silence = 0;  ///< Rounds in a row, after the first, without any acknowledgement.
  bool agreement = true;
};
/// Sealing, for so many rounds in which clients submit; then for at most as many more, until all
/// are told.
Latency measure_latency(const Calibrated& setup, Round rounds);

/// The smallest number of rounds that `permille` of what is counted by rounds do not exceed; 0
/// without any.
Round quantile(const std::vector<std::uint64_t>& counts, std::uint32_t permille);

}  // namespace waggle::sim::rounds
