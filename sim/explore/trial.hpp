#pragma once

#include <memory>
#include <string>

#include "sim/explore/apart.hpp"
#include "sim/scenario/run.hpp"

namespace waggle::sim {

/// What became of one run, in the words that a table or another process can use.
struct Trial {
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::kOk;
  std::string property;  ///< Of the first violation.
  std::string detail;
  std::uint64_t events = 0;
  std::uint64_t committed = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t digest = 0;
  Duration time{0};  ///< Virtual, of the end.
  Strikes strikes{};
};

Trial summarize(const Scenario& scenario, const RunReport& report);

/// A run in a process of its own, so that a core which stops itself (ENSURE) is a violation of the
/// property "invariant" and not the end of everything.
class ApartRun {
 public:
  /// Starts it. It ends after so many events, with what was found until then.
  explicit ApartRun(const Scenario& scenario, std::uint64_t events_max = ~std::uint64_t{0});

  /// Readable (poll) when the run is over.
  int handle() const noexcept { return task_.handle(); }
  std::uint64_t seed() const noexcept { return seed_; }
  /// Waits for the end. To be called once.
  Trial finish();

 private:
  std::uint64_t seed_;
  /// In memory that the other process shares: how far a run got that aborted.
  std::shared_ptr<RunProgress> progress_;
  ApartTask task_;
};

/// Runs the scenario apart and waits.
Trial run_apart(const Scenario& scenario, std::uint64_t events_max = ~std::uint64_t{0});

}  // namespace waggle::sim
