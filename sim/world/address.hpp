#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "consensus/core/ids.hpp"

namespace waggle::sim {

/// A machine of the world: with a host, a core and a disk of its own. Replica i is at address i. A
/// twin is one ReplicaId at two addresses; the second ones follow after those of all replicas.
struct Address {
  std::uint32_t value = 0;

  constexpr Address() = default;
  explicit constexpr Address(std::uint32_t number) : value(number) {}
  /// The replica's first.
  constexpr Address(ReplicaId replica) : value(replica.value) {}  // NOLINT: every replica has one

  friend constexpr auto operator<=>(Address, Address) = default;
};

}  // namespace waggle::sim
