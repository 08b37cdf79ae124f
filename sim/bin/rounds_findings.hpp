#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/bin/cli.hpp"
#include "sim/explore/explore_rounds.hpp"

/// What an exploration of synchronous rounds found, for people and programs.
namespace waggle::sim {

/// Refuses names that no planted rule has.
void check_planted_rules(const std::vector<std::string>& names);

/// Writes every failing run into a file of `folder`: a script that does it once more. The files,
/// in the order of the failures.
std::vector<std::string> save_rounds(const RoundsExploration& found, const std::string& folder);

void print_rounds(const RoundsExploration& found, double wall,
                  const std::vector<std::string>& files);
nlohmann::json describe_rounds(const RoundsExploration& found, double wall,
                               const std::vector<std::string>& files);

/// That of the worst failure.
ExitCode exit_code_of(const RoundsExploration& found);

}  // namespace waggle::sim
