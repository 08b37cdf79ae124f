#pragma once

#include "sim/experiment/tail_fit.hpp"
#include "sim/rounds/calibration.hpp"

/// Calibration (docs/spec/median-smr.md, 7.6): from measurements to T and B.
namespace waggle::sim {

struct CalibrateOptions {
  rounds::Calibrated setup;     ///< Its T and B are not looked at; its seed is the first one.
  std::uint64_t rounds = 1000;  ///< Of Algorithm 3, with each seed; 0: T is left out.
  std::uint64_t seeds = 4;
  double failure = 1e-9;       ///< Wanted: P(a command's prefix has not settled at age T).
  std::uint64_t windows = 12;  ///< Of sealing, with the first seed; 0: sealing is left out.
};

/// T and B that were tried.
struct Candidate {
  std::uint32_t T = 0;
  std::uint32_t B = 0;
  rounds::Latency latency;

  bool all_told() const { return latency.agreement && latency.acknowledged == latency.submitted; }
};

struct Calibration {
  rounds::Settling settling;
  std::optional<TailFit> tail;
  /// Paper mode: T for `failure`, the upper end of what the fit says; where there is no tail to
  /// fit, a round more than the longest that was seen, whatever `failure` is. Nothing if servers
  /// end up undecided.
  std::optional<std::uint64_t> T;
  /// Decades between `failure` and the smallest share that could be measured; 0: none.
  double decades = 0;

  rounds::Round settled = 0;  ///< Sealing: half of all entries settle within so many rounds.
  rounds::SealTimes sealing;  ///< Within windows of `window` rounds.
  std::uint32_t window = 0;
  std::vector<Candidate> tried;
  std::optional<Candidate> chosen;  ///< The lowest mean of those that told every client.
};

Calibration calibrate(const CalibrateOptions& options);

}  // namespace waggle::sim
