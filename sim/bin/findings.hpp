#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/bin/cli.hpp"
#include "sim/explore/batch.hpp"

/// What commands that run many scenarios have in common: progress, findings, exit codes.
namespace waggle::sim {

/// Refuses names that no planted bug has.
void check_planted(const std::vector<std::string>& names);

/// A line on a terminal that is written over while runs go on; measures their time.
class ProgressLine {
 public:
  /// `total`: runs, of which each is one of `what` ("seeds").
  ProgressLine(std::uint64_t total, std::string what);
  void show(const Exploration& so_far) const { show(so_far.runs, so_far.failures.size()); }
  void show(std::uint64_t runs, std::size_t failed) const;
  /// Clears the line; the seconds since the start.
  double finish() const;

 private:
  double seconds() const;

  const std::uint64_t total_;
  const std::string what_;
  const std::chrono::steady_clock::time_point started_;
};

/// Writes every failure down as a scenario, PREFIX-SEED.toml in the folder; the files' names.
std::vector<std::string> save_failures(const Exploration& found, const std::string& folder,
                                       const std::string& prefix, const std::string& comment,
                                       const std::function<Scenario(std::uint64_t seed)>& draw);

void print_findings(const Exploration& found, double wall, const std::vector<std::string>& files);
nlohmann::json describe_findings(const Exploration& found, double wall,
                                 const std::vector<std::string>& files);

/// That of the worst failure.
ExitCode exit_code_of(const Exploration& found);

}  // namespace waggle::sim
