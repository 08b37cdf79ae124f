#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace waggle {

/// Position of a replica in the genesis file's list, 0 .. n-1.
struct ReplicaId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(ReplicaId, ReplicaId) = default;
};

/// A view (round) of the consensus protocol. View 0 is genesis; the first view with a leader is 1.
struct View {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(View, View) = default;
  constexpr View next() const noexcept { return View{value + 1}; }
  /// The view before; genesis has none and stays 0.
  constexpr View previous() const noexcept { return View{value == 0 ? 0 : value - 1}; }
};

/// Number of ancestors of a block; genesis has height 0.
struct Height {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(Height, Height) = default;
  constexpr Height next() const noexcept { return Height{value + 1}; }
};

/// A span of time. Cores see spans only, never a clock.
using Duration = std::chrono::microseconds;

}  // namespace waggle
