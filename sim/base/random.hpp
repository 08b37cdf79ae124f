#pragma once

#include "consensus/core/interfaces.hpp"

namespace waggle::sim {

/// A share of a whole, in millionths.
struct Share {
  std::uint32_t ppm = 0;
  friend constexpr auto operator<=>(Share, Share) = default;
};
constexpr Share permille(std::uint64_t count) noexcept {
  return {static_cast<std::uint32_t>(count * 1000)};
}

/// SplitMix64: all chance of a world comes from one seed through these.
class Random final : public Rng {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept override {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  bool chance(Share share) noexcept { return below(1'000'000) < share.ppm; }
  /// Uniform in [from, to].
  Duration between(Duration from, Duration to) noexcept {
    const auto span = static_cast<std::uint64_t>((to - from).count());
    return from + Duration(static_cast<std::int64_t>(below(span + 1)));
  }
  std::uint64_t between(std::uint64_t from, std::uint64_t to) noexcept {
    return from + below(to - from + 1);
  }
  /// A generator of its own, so that one part's draws do not shift another's.
  Random fork() noexcept { return Random(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace waggle::sim
