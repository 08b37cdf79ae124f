#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/experiment/experiment.hpp"

namespace waggle::sim {

struct RunnerOptions {
  std::uint32_t jobs = 1;  ///< Runs at the same time.
  /// Where finished runs are kept, a line of JSON each, so that an interrupted experiment goes on
  /// where it was; empty: nowhere.
  std::string cache;
  std::optional<std::chrono::steady_clock::time_point> deadline;  ///< Nothing is started after it.
};

/// How far an experiment is.
struct Progress {
  std::size_t total = 0;
  std::size_t done = 0;
  std::size_t cached = 0;  ///< Of those done.
};

/// A run that died, or found a violation where none may be.
class CellFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs the cells that the cache does not hold, each in a process of its own. The results in the
/// order of the cells, whatever the number of jobs; nothing, if the deadline came first. Throws
/// CellFailed, and std::runtime_error if the cache cannot be written.
std::optional<std::vector<CellResult>> run_cells(
    const Experiment& experiment, const std::vector<Cell>& cells, const RunnerOptions& options,
    const std::function<void(const Progress&)>& progress);

}  // namespace waggle::sim
