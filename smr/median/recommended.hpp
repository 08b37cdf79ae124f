#pragma once

#include "smr/median/parameters.hpp"

namespace waggle::median {

/// Parameters of a network that seals, and the length of its rounds.
struct Recommended {
  Parameters parameters;
  std::uint32_t round_ms = 0;
};

/// For `n` servers, 1 or more. T and B are a matter of speed and liveness, never of safety
/// (section 8): they make acknowledgements come soon while up to 30% are blocked, and keep them
/// coming with 40% blocked anew in each round or 45% for good. Measured up to 1,024 servers; more
/// get what 1,024 do, which is a guess. How each number was found is said where it stands.
Recommended recommended(std::uint32_t n);

}  // namespace waggle::median
