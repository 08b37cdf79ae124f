// waggle-sim run: one scenario, once.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/abort_note.hpp"
#include "sim/bin/cli.hpp"
#include "sim/scenario/run.hpp"
#include "sim/trace/json_lines.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

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
  return std::move(*scenario);
}

/// The command that repeats the run.
std::string command_for(const Arguments& arguments, const Scenario& scenario) {
  std::string command =
      fmt::format("waggle-sim run {} --seed {}", arguments.file, scenario.world.seed);
  for (const std::string& set : arguments.sets) command += fmt::format(" --set '{}'", set);
  return command;
}

template <class Shown>
json latencies(const Histogram& histogram, const Shown& shown) {
  return {{"p50", shown(histogram.quantile(500))},
          {"p90", shown(histogram.quantile(900))},
          {"p99", shown(histogram.quantile(990))},
          {"max", shown(histogram.max())}};
}

double millis(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

json describe(const Scenario& scenario, Verdict verdict, const std::vector<Violation>& violations) {
  json shown = json::array();
  for (const Violation& one : violations) {
    shown.push_back({{"property", one.property}, {"detail", one.detail}});
  }
  return {{"scenario", scenario.name},       {"seed", scenario.world.seed},
          {"core", scenario.world.core},     {"n", scenario.world.n},
          {"f", (scenario.world.n - 1) / 3}, {"verdict", to_string(verdict)},
          {"violations", std::move(shown)}};
}

void print(const json& value) {
  std::puts(value.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
}

void print_json(const Scenario& scenario, const RunReport& report, double wall_s) {
  json out = describe(scenario, report.verdict, report.violations);
  out["committed"] = report.committed;
  out["latency_views"] = latencies(report.latency_views, [](std::uint64_t views) { return views; });
  out["latency_ms"] = latencies(report.latency_micros, millis);
  out["views"] = report.views;
  out["timeouts"] = report.timeouts;
  out["messages"] = report.messages;
  out["bytes"] = report.bytes;
  out["events"] = report.events;
  out["digest"] = fmt::format("{:016x}", report.digest);
  out["wall_s"] = wall_s;
  print(out);
}

void print_text(const Arguments& arguments, const Scenario& scenario, const RunReport& report,
                double wall_s) {
  const WorldOptions& world = scenario.world;
  const Histogram& views = report.latency_views;
  const Histogram& micros = report.latency_micros;
  const std::string_view verdict = to_string(report.verdict);
  fmt::print("scenario   {}, seed {}, {}, n {}\n", scenario.name, world.seed, world.core, world.n);
  fmt::print("verdict    {}{}\n", verdict, as_expected(scenario, report) ? ", as expected" : "");
  for (const Violation& one : report.violations) {
    fmt::print("violation  {}: {}\n", one.property, one.detail);
  }
  fmt::print("committed  {} blocks in {:.3f} s of virtual time\n", report.committed,
             static_cast<double>(report.time.count()) / 1e6);
  fmt::print("latency    views p50 {} p90 {} p99 {} max {}\n", views.quantile(500),
             views.quantile(900), views.quantile(990), views.max());
  fmt::print("           ms    p50 {:.1f} p90 {:.1f} p99 {:.1f} max {:.1f}\n",
             millis(micros.quantile(500)), millis(micros.quantile(900)),
             millis(micros.quantile(990)), millis(micros.max()));
  fmt::print("views      {}, of which replicas gave up {}\n", report.views, report.timeouts);
  fmt::print("network    {} messages, {} bytes\n", report.messages, report.bytes);
  if (report.unknown_keys > 0) {
    fmt::print("unknown    {} keys whose histories were too hard to judge\n", report.unknown_keys);
  }
  fmt::print("digest     {:016x}\n", report.digest);
  fmt::print("took       {:.3f} s for {} events\n", wall_s, report.events);
  if (report.verdict != Verdict::kOk) {
    fmt::print("reproduce: {}\n", command_for(arguments, scenario));
  }
}

void prepare_for_abort(const Arguments& arguments, const Scenario& scenario, bool as_json) {
  const Violation broken{"invariant", "a core or host stopped itself; standard error says why"};
  if (as_json) {
    note_for_abort(describe(scenario, Verdict::kViolation, {broken}).dump() + "\n");
  } else {
    note_for_abort(fmt::format("violation  {}: {}\nreproduce: {}\n", broken.property, broken.detail,
                               command_for(arguments, scenario)));
  }
}

RunReport run_once(const Arguments& arguments, const Scenario& scenario) {
  if (arguments.trace.empty()) return run_scenario(scenario, nullptr);
  std::ofstream out(arguments.trace, std::ios::binary);
  JsonLines lines(out, header_of(scenario));
  RunReport report = run_scenario(scenario, &lines);
  lines.finish(report.time, end_of(report, command_for(arguments, scenario)));
  out.close();
  if (!out) throw Failure(kBadInput, arguments.trace + ": cannot be written");
  return report;
}

ExitCode run(const Arguments& arguments, bool as_json) {
  const Scenario scenario = load(arguments);
  prepare_for_abort(arguments, scenario, as_json);
  const auto started = std::chrono::steady_clock::now();
  RunReport report = run_once(arguments, scenario);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  if (arguments.check_determinism) {
    const RunReport again = run_scenario(scenario, nullptr);
    if (again.digest != report.digest) {
      report.verdict = Verdict::kViolation;
      report.violations.push_back(
          {"determinism", fmt::format("a second run has the digest {:016x}", again.digest)});
    }
  }
  if (as_json)
    print_json(scenario, report, wall.count());
  else
    print_text(arguments, scenario, report, wall.count());
  if (report.verdict == Verdict::kOk) return kHeld;
  return report.verdict == Verdict::kStalled ? kStuck : kViolated;
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
