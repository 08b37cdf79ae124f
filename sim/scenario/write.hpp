#pragma once

#include <string>

#include "sim/scenario/scenario.hpp"

namespace waggle::sim {

/// The scenario as a file that load_scenario reads back to an equal one. What is as by default is
/// left out. `comment` becomes the first lines.
std::string write_scenario(const Scenario& scenario, std::string_view comment);

}  // namespace waggle::sim
