#pragma once

#include <string>
#include <vector>

#include "smr/bin/waggle_bench/report.hpp"

namespace waggle::bench {

/// Runs with more and more commands in flight, side by side.
class Sweep {
 public:
  /// At least one, in rising order of commands in flight.
  explicit Sweep(std::vector<Report> runs) : runs_(std::move(runs)) {}

  const std::vector<Report>& runs() const noexcept { return runs_; }
  /// Runs with a second without an answer.
  std::size_t stalls() const;
  /// How far throughput of a run lies below the best at a smaller number, as a share of that; 0
  /// where it is above.
  double loss(std::size_t run) const;
  /// Runs with a loss above 5%.
  std::size_t drops() const;

  /// Documented in docs/performance.md.
  nlohmann::json to_json() const;
  std::string to_text() const;

 private:
  std::vector<Report> runs_;
};

}  // namespace waggle::bench
