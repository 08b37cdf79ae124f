#include "sim/experiment/runner.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "sim/experiment/cache.hpp"
#include "sim/explore/apart.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

class Runner {
 public:
  Runner(const Experiment& experiment, const std::vector<Cell>& cells, const RunnerOptions& options,
         const std::function<void(const Progress&)>& progress)
      : name_(experiment.name),
        cells_(cells),
        options_(options),
        progress_(progress),
        cache_(options.cache),
        results_(cells.size()) {
    so_far_.total = cells.size();
  }

  std::optional<std::vector<CellResult>> go() {
    take_what_is_cached();
    while (start_more() || !running_.empty()) collect();
    if (so_far_.done < so_far_.total) return std::nullopt;
    return std::move(results_);
  }

 private:
  struct Running {
    std::size_t cell;
    std::unique_ptr<ApartTask> task;
  };

  void take_what_is_cached() {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      results_[i].parameters = cells_[i].parameters;
      const json* known = cache_.find(cells_[i]);
      if (known == nullptr) {
        waiting_.push_back(i);
        continue;
      }
      results_[i].measured = *known;
      ++so_far_.done;
      ++so_far_.cached;
    }
    progress_(so_far_);
  }

  /// Whether anything was started.
  bool start_more() {
    bool started = false;
    while (next_ < waiting_.size() && running_.size() < std::max(options_.jobs, 1U)) {
      if (options_.deadline && std::chrono::steady_clock::now() >= *options_.deadline) break;
      const std::size_t cell = waiting_[next_++];
      running_.push_back(
          {cell, std::make_unique<ApartTask>([&run = cells_[cell].run] { return run().dump(); })});
      started = true;
    }
    return started;
  }

  /// Waits until at least one run is over.
  void collect() {
    std::vector<int> handles;
    for (const Running& one : running_) handles.push_back(one.task->handle());
    for (const std::size_t i : wait_for_any(handles)) {
      const std::size_t cell = running_[i].cell;
      const ApartTask::End end = running_[i].task->finish();
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      take(cell, end);
    }
  }

  void take(std::size_t cell, const ApartTask::End& end) {
    const json& parameters = cells_[cell].parameters;
    if (!end.finished) {
      throw CellFailed(fmt::format("{} {}: {}", name_, parameters.dump(), end.text));
    }
    results_[cell].measured = json::parse(end.text);
    cache_.add(cells_[cell], results_[cell].measured);
    ++so_far_.done;
    progress_(so_far_);
  }

  const std::string name_;
  const std::vector<Cell>& cells_;
  const RunnerOptions& options_;
  const std::function<void(const Progress&)>& progress_;
  Cache cache_;
  std::vector<CellResult> results_;
  std::vector<std::size_t> waiting_;  ///< Cells that are not cached.
  std::size_t next_ = 0;              ///< Of those.
  std::vector<Running> running_;
  Progress so_far_;
};

}  // namespace

std::optional<std::vector<CellResult>> run_cells(
    const Experiment& experiment, const std::vector<Cell>& cells, const RunnerOptions& options,
    const std::function<void(const Progress&)>& progress) {
  return Runner(experiment, cells, options, progress).go();
}

}  // namespace waggle::sim
