#pragma once

#include <span>
#include <string_view>

#include "sim/rounds/log_run.hpp"

namespace waggle::sim::rounds {

/// A rule that is taken away, to see the checkers notice (docs/experiments/planted-bugs-median.md).
struct PlantedRule {
  std::string_view name;
  std::string_view rule;  ///< Section of docs/spec/median-smr.md.
  std::string_view what;  ///< What is broken.
  void (*plant)(LogOptions& options);
  /// A run that shows it under some seed, and holds without it.
  LogRun (*ground)();
};

/// In the order of the specification.
std::span<const PlantedRule> planted_rules();
/// Null if there is none of this name.
const PlantedRule* find_planted_rule(std::string_view name);

}  // namespace waggle::sim::rounds
