// waggle-sim run: one scenario, once.
#include <chrono>
#include <limits>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "sim/bin/summary.hpp"
#include "sim/bin/trace_file.hpp"
#include "sim/scenario/run.hpp"

namespace waggle::sim {
namespace {

struct Arguments {
  std::string file;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> sets;
  std::string trace;
  bool check_determinism = false;
};

Scenario load(const Arguments& arguments) {
  std::vector<Override> overrides;
  for (const std::string& set : arguments.sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Failure(kBadInput, "--set: \"" + set + "\" is not key=value");
    }
    overrides.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  auto scenario = load_scenario(arguments.file, overrides);
  if (!scenario) throw Failure(kBadInput, scenario.error().to_string());
  if (arguments.seed) scenario->world.seed = *arguments.seed;
  if (scenario->world.seed > std::numeric_limits<std::int64_t>::max()) {
    throw Failure(kBadInput, "--seed: must be below 2^63, so that a scenario file can hold it");
  }
  return std::move(*scenario);
}

/// The command that repeats the run.
std::string command_for(const Arguments& arguments, const Scenario& scenario) {
  std::string command =
      fmt::format("waggle-sim run {} --seed {}", arguments.file, scenario.world.seed);
  for (const std::string& set : arguments.sets) command += fmt::format(" --set '{}'", set);
  return command;
}

ExitCode run(const Arguments& arguments, bool as_json) {
  const Scenario scenario = load(arguments);
  const std::string reproduce = command_for(arguments, scenario);
  prepare_for_abort(scenario, as_json, reproduce);
  const auto started = std::chrono::steady_clock::now();
  TraceFile trace(arguments.trace, scenario);
  RunReport report = run_scenario(scenario, trace.sink());
  trace.finish(report, reproduce);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  if (arguments.check_determinism) {
    const RunReport again = run_scenario(scenario, nullptr);
    if (again.digest != report.digest) {
      report.verdict = Verdict::kViolation;
      report.violations.push_back(
          {"determinism", fmt::format("a second run has the digest {:016x}", again.digest)});
    }
  }
  if (as_json) {
    print_line(summary_json(scenario, report, wall.count()));
  } else {
    print_summary(scenario, report, wall.count(), reproduce);
  }
  return exit_code_of(report.verdict);
}

}  // namespace

void add_run_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("run", "run a scenario and judge it");
  command->add_option("SCENARIO", arguments->file, "a scenario file (TOML)")->required();
  command->add_option("--seed", arguments->seed, "instead of the file's");
  command->add_option("--set", arguments->sets, "replaces a value: section.key=value")
      ->allow_extra_args(false);
  command->add_option("--trace", arguments->trace, "writes what happens, as JSON lines");
  command->add_flag("--check-determinism", arguments->check_determinism,
                    "runs twice and compares the digests");
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
