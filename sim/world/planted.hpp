#pragma once

#include <span>
#include <string_view>

#include "sim/world/options.hpp"

namespace waggle::sim {

/// A way to break a core, a host or a machine on purpose: a guard of the specification removed, or
/// a known bug of the field put in. Without these nobody knows what the checkers are worth.
struct PlantedBug {
  std::string_view name;  ///< As scenarios and tables call it.
  std::string_view rule;  ///< What it breaks: a rule's number, or words.
  std::string_view core;  ///< The core that it breaks.
  std::string_view what;
  void (*plant)(WorldOptions& options);
};

/// In the order of the rules.
std::span<const PlantedBug> planted_bugs();
/// Null if there is none of this name.
const PlantedBug* find_planted_bug(std::string_view name);
/// Changes the options and notes the name in them.
void plant(const PlantedBug& bug, WorldOptions& options);
/// Takes all planted bugs out again.
void unplant(WorldOptions& options);

}  // namespace waggle::sim
