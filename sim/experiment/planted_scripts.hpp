#pragma once

#include <span>
#include <string_view>

namespace waggle::sim {

/// sim/scenarios/planted/BUG.toml, built in.
struct PlantedScript {
  std::string_view bug;
  std::string_view toml;
};
std::span<const PlantedScript> planted_scripts();

}  // namespace waggle::sim
