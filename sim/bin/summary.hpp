#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "sim/bin/cli.hpp"
#include "sim/scenario/run.hpp"

/// What a command says of a run.
namespace waggle::sim {

/// The result in JSON (docs/simulator.md).
nlohmann::json summary_json(const Scenario& scenario, const RunReport& report, double wall_s);
/// The same for people. `reproduce`: the command that repeats the run.
void print_summary(const Scenario& scenario, const RunReport& report, double wall_s,
                   const std::string& reproduce);

/// One line of JSON on standard output.
void print_line(const nlohmann::json& value);

/// What is printed should a core or host stop the process from here on.
void prepare_for_abort(const Scenario& scenario, bool as_json, const std::string& reproduce);

ExitCode exit_code_of(Verdict verdict);

}  // namespace waggle::sim
