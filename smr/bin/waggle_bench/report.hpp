#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "smr/bin/waggle_bench/ledger.hpp"
#include "smr/bin/waggle_bench/limits.hpp"
#include "smr/bin/waggle_bench/machine.hpp"
#include "smr/bin/waggle_bench/options.hpp"
#include "smr/bin/waggle_bench/recorder.hpp"
#include "smr/bin/waggle_bench/usage.hpp"

namespace waggle::bench {

/// Who was killed during the run.
struct Killed {
  std::string who;  ///< "leader" or "all".
  std::optional<std::uint32_t> replica;
};

/// A cluster at rest, and the first command after it.
struct Idle {
  double seconds = 0;
  std::optional<double> cpu_percent;        ///< Of one core, mean of the replicas.
  std::int64_t grown_bytes = 0;             ///< All files of all replicas, in that time.
  std::chrono::microseconds before_p50{0};  ///< Of single commands before the rest ...
  std::chrono::microseconds first{0};       ///< ... of the first one after it ...
  std::chrono::microseconds after_p50{0};   ///< ... and of those that follow.
};

/// All that a run found out.
struct Report {
  Options options;
  std::string commit;
  std::uint32_t replicas = 0;
  std::size_t sessions = 0;
  Machine machine;
  MachineLimits limits;
  Measured measured;
  double seconds = 0;  ///< Between the two moments at which usage was read.
  ClusterUsage before;
  ClusterUsage after;
  std::uint64_t client_cpu_us = 0;
  std::vector<double> rss_mb_by_minute;  ///< Of the largest replica, from the warm-up on.
  std::optional<Killed> killed;
  std::optional<Ledger::Verdict> read_back;
  std::optional<Idle> idle;

  double commands_per_s() const;
  /// Of all replicas and this program, if all could be read.
  std::optional<double> cpu_us_per_command() const;
  std::optional<double> wire_bytes_per_command() const;
  std::optional<double> disk_bytes_per_command() const;

  /// Documented in docs/performance.md. What could not be measured is null.
  nlohmann::json to_json() const;
  /// For people: each result beside the machine's limits.
  std::string to_text() const;
  /// Its last lines: machine, commit, and what weakens the result.
  std::string circumstances() const;

 private:
  std::optional<double> per_command(const std::optional<std::uint64_t>& from,
                                    const std::optional<std::uint64_t>& to) const;
};

}  // namespace waggle::bench
