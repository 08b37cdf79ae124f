#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "smr/bin/waggle_bench/limits.hpp"
#include "smr/bin/waggle_bench/machine.hpp"
#include "smr/bin/waggle_bench/options.hpp"
#include "smr/bin/waggle_bench/recorder.hpp"
#include "smr/bin/waggle_bench/usage.hpp"

namespace waggle::bench {

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

  double commands_per_s() const;
  /// Of all replicas and this program, if all could be read.
  std::optional<double> cpu_us_per_command() const;
  std::optional<double> wire_bytes_per_command() const;
  std::optional<double> disk_bytes_per_command() const;

  /// Documented in docs/performance.md. What could not be measured is null.
  nlohmann::json to_json() const;
  /// For people: each result beside the machine's limits.
  std::string to_text() const;

 private:
  std::optional<double> per_command(const std::optional<std::uint64_t>& from,
                                    const std::optional<std::uint64_t>& to) const;
};

}  // namespace waggle::bench
