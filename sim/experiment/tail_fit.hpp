#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace waggle::sim {

/// A tail that falls by the same factor in each round: beyond `threshold` rounds,
/// P(more than t) = rate * decay^(t - threshold).
struct TailFit {
  std::uint64_t threshold = 0;
  std::uint64_t beyond = 0;  ///< Observations above the threshold, of which the tail is made.
  double rate = 0;           ///< Per entry: how many of these observations there are.
  double decay = 0;          ///< Of a round, most likely; below 1.
  double decay_low = 0;      ///< The ends of its 95% confidence interval.
  double decay_high = 0;
  double rate_high = 0;  ///< The upper end of the rate's.
  /// The decay beyond a threshold that a fifth of the tail exceeds, if that is enough of it; an
  /// exponential tail has the same there.
  std::optional<double> decay_later;
  bool even = true;  ///< Whether that one differs from `decay` by no more than chance explains.

  double probability(std::uint64_t rounds) const;
  /// The smallest T with P(more than T) at most `failure`: the most likely one, and the one for
  /// the upper ends of both intervals.
  std::uint64_t rounds_for(double failure) const;
  std::uint64_t rounds_for_at_most(double failure) const;
};

/// Fits the tail of what is counted by rounds; one in so many of `entries` makes an observation.
/// The threshold is the lowest above nine tenths of the observations beyond which the tail is even.
/// Nothing if fewer than 30 observations are left for it.
std::optional<TailFit> fit_tail(std::span<const std::uint64_t> counts, std::uint64_t entries);

}  // namespace waggle::sim
