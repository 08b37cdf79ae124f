#pragma once

#include "sim/scenario/scenario.hpp"
#include "sim/scenario/toml_writer.hpp"

/// The parts of the writer, one per section of the file that has a file of its own.
namespace waggle::sim {

/// The steps of a puppet, one a line; nothing if there are none.
void write_plan(TomlWriter& out, const Plan& plan);

}  // namespace waggle::sim
