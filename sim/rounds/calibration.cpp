#include "sim/rounds/calibration.hpp"

#include <algorithm>
#include <numeric>

#include "consensus/core/ensure.hpp"

namespace waggle::sim::rounds {
namespace {

LogWorld world_of(const Calibrated& setup, LogRule rule, Round load_until, bool keep_logs = false) {
  auto blocker = make_blocker(setup.block);
  ENSURE(blocker.has_value(), "a blocking strategy");
  return LogWorld({.parameters = setup.parameters,
                   .rule = rule,
                   .seed = setup.seed,
                   .keep_logs = keep_logs,
                   .load = setup.load,
                   .load_until = load_until,
                   .audit = false},
                  std::move(*blocker));
}

void count_one(std::vector<std::uint64_t>& counts, std::size_t value) {
  if (value >= counts.size()) counts.resize(value + 1);
  ++counts[value];
}

void add_counts(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  if (from.size() > to.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

}  // namespace

void Settling::add(const Settling& other) {
  times.add(other.times);
  rounds += other.rounds;
  open = std::max(open, other.open);
  useful += other.useful;
  collapsed = collapsed || other.collapsed;
}

void SealTimes::add(const SealTimes& other) {
  add_counts(first, other.first);
  add_counts(majority, other.majority);
  windows += other.windows;
  unsealed += other.unsealed;
}

Settling measure_settling(const Calibrated& setup, Round rounds, bool keep_logs) {
  LogWorld world = world_of(setup, LogRule::kExtended, UINT64_MAX, keep_logs);
  const auto& servers = static_cast<const ExtendedServers&>(world.servers());
  Settling result;
  while (world.rounds() < rounds && !result.collapsed) {
    world.round();
    result.useful += world.useful();
    result.collapsed = true;
    for (std::uint32_t i = 0; i < setup.parameters.n; ++i) {
      result.collapsed = result.collapsed && !servers.holds(i);
    }
  }
  result.rounds = world.rounds();
  result.times = servers.settled();
  result.open = servers.open();
  return result;
}

SealTimes measure_sealing(const Calibrated& setup, std::uint64_t windows) {
  LogWorld world = world_of(setup, LogRule::kSealed, UINT64_MAX);
  const std::uint64_t B = setup.parameters.B;
  const std::uint32_t majority = setup.parameters.majority();
  // Entries are T old after T rounds, and need some to settle.
  const median::Window from = (setup.parameters.T + B - 1) / B + 2;
  const median::Window until = from + windows;
  SealTimes result;
  result.windows = windows;
  std::vector<std::uint8_t> sealed(until);  // by window: 1 by somebody, 2 known to a majority
  while (world.rounds() < until * B) {
    world.round();
    const median::Window now = (world.rounds() - 1) / B;
    if (now < from) continue;
    const auto knows = [&](std::uint32_t server) {
      return world.servers().checkpoint(server) == now;
    };
    std::uint32_t know = 0;
    for (std::uint32_t i = 0; i < setup.parameters.n; ++i) know += knows(i) ? 1 : 0;
    const std::uint64_t took = world.rounds() - now * B;
    if (know > 0 && sealed[now] == 0) count_one(result.first, took);
    if (know >= majority && sealed[now] != 2) count_one(result.majority, took);
    if (know > 0) sealed[now] = know >= majority ? 2 : 1;
  }
  for (median::Window w = from; w < until; ++w) result.unsealed += sealed[w] == 0 ? 1 : 0;
  return result;
}

Latency measure_latency(const Calibrated& setup, Round rounds) {
  LogWorld world = world_of(setup, LogRule::kSealed, rounds);
  Latency result;
  Round silence = 0;
  std::uint64_t before = 0;
  while (world.rounds() < 2 * rounds) {
    world.round();
    const std::uint64_t now = world.clients().acknowledged();
    if (now == 0) continue;
    silence = now == before ? silence + 1 : 0;
    before = now;
    result.longest_silence = std::max(result.longest_silence, silence);
    if (world.rounds() >= rounds && world.clients().pending() == 0) break;
  }
  result.submitted = world.clients().submitted();
  result.acknowledged = world.clients().acknowledged();
  result.mean_milli = world.clients().mean_latency_milli();
  result.p50 = world.clients().latency(500);
  result.p99 = world.clients().latency(990);
  result.agreement = world.agreement().holds();
  return result;
}

Round quantile(const std::vector<std::uint64_t>& counts, std::uint32_t permille) {
  const std::uint64_t all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const std::uint64_t wanted = (all * permille + 999) / 1000;
  std::uint64_t seen = 0;
  for (Round rounds = 0; rounds < counts.size(); ++rounds) {
    seen += counts[rounds];
    if (seen > 0 && seen >= wanted) return rounds;
  }
  return 0;
}

}  // namespace waggle::sim::rounds
