#pragma once

#include <optional>
#include <string>

#include "sim/rounds/log_world.hpp"

namespace waggle::sim::rounds {

/// A whole run of servers with logs, as `waggle-sim rounds` writes it.
struct LogRun {
  LogOptions options;
  std::string block = "none";  ///< As make_blocker() takes it.
  Round rounds = 200;
  std::vector<std::string> without = {};  ///< Names of planted_rules().
  bool judged = true;  ///< Off: no checker is asked. For tests, to show that it takes one.
};

/// What a run came to.
struct LogOutcome {
  std::optional<Complaint> complaint;  ///< The run ended with it.
  std::uint64_t rounds = 0;
  std::uint64_t blocked = 0;   ///< Servers, summed over rounds.
  std::uint64_t restarts = 0;  ///< Of servers.
  std::uint64_t submitted = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t committed = 0;     ///< Entries that all agree on.
  std::uint64_t certificates = 0;  ///< Shown to servers, altered ones included.
  Round latency_p99 = 0;
};

/// Runs until the rounds are over or a checker complains. `run.block` and `run.without` are well
/// written.
LogOutcome run(const LogRun& run);

/// The command that does the same, if guards are taken away by name only and checkers are asked.
std::string command_of(const LogRun& run);

}  // namespace waggle::sim::rounds
