#pragma once

#include <functional>
#include <optional>
#include <string>

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
  Strikes strikes{};
};

Trial summarize(const Scenario& scenario, const RunReport& report);

/// A run in a process of its own, so that a core which stops itself (ENSURE) is a violation of the
/// property "invariant" and not the end of everything.
class ApartRun {
 public:
  /// Starts it.
  explicit ApartRun(const Scenario& scenario);
  ApartRun(const ApartRun&) = delete;
  ApartRun& operator=(const ApartRun&) = delete;
  ~ApartRun();

  /// Readable (poll) when the run is over.
  int handle() const noexcept { return result_; }
  std::uint64_t seed() const noexcept { return seed_; }
  /// Waits for the end. To be called once.
  Trial finish();

 private:
  std::uint64_t seed_;
  int result_ = -1;
  int words_ = -1;
  int child_ = -1;
};

/// Runs the scenario apart and waits.
Trial run_apart(const Scenario& scenario);

}  // namespace waggle::sim
