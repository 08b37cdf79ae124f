#include "sim/experiment/tail_fit.hpp"

#include <cmath>

namespace waggle::sim {
namespace {

constexpr std::uint64_t kFewest = 30;  ///< Observations that a tail is made of.
constexpr double kSigmas = 1.96;       ///< 95%, on both sides.

std::uint64_t count_beyond(std::span<const std::uint64_t> counts, std::uint64_t threshold) {
  std::uint64_t count = 0;
  for (std::size_t i = threshold + 1; i < counts.size(); ++i) count += counts[i];
  return count;
}

/// A geometric law: the most likely decay and its standard error.
struct Geometric {
  double decay = 0;
  double error = 0;
};
Geometric geometric(std::span<const std::uint64_t> counts, std::uint64_t threshold) {
  double count = 0;
  double excess = 0;
  for (std::size_t i = threshold + 1; i < counts.size(); ++i) {
    count += static_cast<double>(counts[i]);
    excess += static_cast<double>(counts[i]) * static_cast<double>(i - threshold);
  }
  const double stop = count / excess;
  // Where nothing goes on for a second round the estimate is 0, and its error would be, too.
  const double decay = std::max(1 - stop, 1 / (excess + 1));
  return {decay, (1 - decay) * std::sqrt(decay / count)};
}

TailFit fit_beyond(std::span<const std::uint64_t> counts, std::uint64_t entries,
                   std::uint64_t threshold) {
  TailFit fit;
  fit.threshold = threshold;
  fit.beyond = count_beyond(counts, threshold);
  const auto observations = static_cast<double>(fit.beyond);
  fit.rate = observations / static_cast<double>(entries);
  fit.rate_high = fit.rate * (1 + kSigmas / std::sqrt(observations));
  const Geometric law = geometric(counts, threshold);
  fit.decay = law.decay;
  fit.decay_low = std::max(law.decay - kSigmas * law.error, 0.0);
  fit.decay_high = std::min(law.decay + kSigmas * law.error, 1 - 1e-9);
  std::uint64_t later = threshold;
  while (count_beyond(counts, later) * 5 > fit.beyond) ++later;
  if (count_beyond(counts, later) >= kFewest) {
    const Geometric rest = geometric(counts, later);
    fit.decay_later = rest.decay;
    fit.even = std::abs(rest.decay - law.decay) <= kSigmas * std::hypot(rest.error, law.error);
  }
  return fit;
}

std::uint64_t rounds_until(double rate, double decay, std::uint64_t threshold, double failure) {
  if (rate <= failure) return threshold;
  return threshold +
         static_cast<std::uint64_t>(std::ceil(std::log(failure / rate) / std::log(decay) - 1e-9));
}

}  // namespace

double TailFit::probability(std::uint64_t rounds) const {
  return rate * std::pow(decay, static_cast<double>(rounds) - static_cast<double>(threshold));
}

std::uint64_t TailFit::rounds_for(double failure) const {
  return rounds_until(rate, decay, threshold, failure);
}

std::uint64_t TailFit::rounds_for_at_most(double failure) const {
  return rounds_until(rate_high, decay_high, threshold, failure);
}

std::optional<TailFit> fit_tail(std::span<const std::uint64_t> counts, std::uint64_t entries) {
  std::uint64_t all = 0;
  for (const std::uint64_t count : counts) all += count;
  std::uint64_t threshold = 0;
  while (count_beyond(counts, threshold) * 10 > all) ++threshold;
  std::optional<TailFit> found;
  for (; count_beyond(counts, threshold) >= kFewest; ++threshold) {
    found = fit_beyond(counts, entries, threshold);
    if (found->even) break;
  }
  return found;
}

}  // namespace waggle::sim
