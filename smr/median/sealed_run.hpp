#pragma once

#include <vector>

#include "smr/median/final_prefix.hpp"
#include "smr/median/named.hpp"

namespace waggle::median {

/// The next entry of the final prefix is final and durable. `request` is null for null entries.
struct Sealed {
  std::uint64_t position = 0;  ///< From 0 on.
  Named entry;
  SharedBytes request;
  bool applies = false;  ///< Off: executes as nothing (8.5).
};

/// An effect of the server: all of these were sealed at once, by final's seal; what is behind the
/// last one is executed and acknowledged with it.
struct SealedRun {
  std::vector<Sealed> entries;
  FinalPtr final;
};

}  // namespace waggle::median
