#include "sim/experiment/calibrate.hpp"

#include <algorithm>
#include <cmath>

namespace waggle::sim {
namespace {

using rounds::Calibrated;

void settle(const CalibrateOptions& options, Calibration& found) {
  Calibrated setup = options.setup;
  for (std::uint64_t i = 0; i < options.seeds; ++i, ++setup.seed) {
    found.settling.add(rounds::measure_settling(setup, options.rounds, false));
  }
  const rounds::SettleTimes& times = found.settling.times;
  const std::uint64_t entries = times.count();
  if (entries == 0 || found.settling.collapsed) return;
  found.tail = fit_tail(times.fronts, entries);
  if (!found.tail) {
    found.T = times.fronts.size();  // the longest was a round less
    return;
  }
  found.T = found.tail->rounds_for_at_most(options.failure);
  found.decades = std::max(0.0, -std::log10(options.failure * static_cast<double>(entries)));
}

/// Tries what was measured, and a little more and less.
void try_some(Calibrated setup, Calibration& found) {
  const auto age = static_cast<std::uint32_t>(std::max<rounds::Round>(found.settled, 1));
  // PRE, certificate, COMMIT and seal, and one round to send again what was lost.
  const auto needed = static_cast<std::uint32_t>(rounds::quantile(found.sealing.first, 990)) + 1;
  std::vector<std::uint32_t> ages = {age};
  if (age > 1) ages.push_back((age + 1) / 2);
  for (const std::uint32_t T : ages) {
    for (const std::uint32_t B : {needed - 1, needed, needed + 2}) {
      setup.parameters.T = T;
      setup.parameters.B = B;
      const rounds::Round rounds = 4 * (age + B) + 2 * found.window;
      found.tried.push_back({T, B, rounds::measure_latency(setup, rounds)});
      const Candidate& tried = found.tried.back();
      const bool better =
          !found.chosen || tried.latency.mean_milli < found.chosen->latency.mean_milli;
      if (tried.all_told() && better) found.chosen = tried;
    }
  }
}

void seal(const CalibrateOptions& options, Calibration& found) {
  Calibrated setup = options.setup;
  found.window = 3 * (median::ceil_log2(setup.parameters.n) + 4);
  const rounds::Round rounds = options.windows * found.window;
  found.settled =
      rounds::quantile(rounds::measure_settling(setup, rounds, true).times.entries, 500);
  setup.parameters.T = static_cast<std::uint32_t>(std::max<rounds::Round>(found.settled, 1));
  setup.parameters.B = found.window;
  found.sealing = rounds::measure_sealing(setup, options.windows);
  if (!found.sealing.first.empty()) try_some(setup, found);
}

}  // namespace

Calibration calibrate(const CalibrateOptions& options) {
  Calibration found;
  if (options.rounds > 0) settle(options, found);
  if (options.windows > 0) seal(options, found);
  return found;
}

}  // namespace waggle::sim
