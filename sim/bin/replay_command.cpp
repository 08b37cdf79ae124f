// waggle-sim replay: the run of a trace once more, compared event by event.
#include <chrono>
#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "sim/bin/summary.hpp"
#include "sim/bin/trace_file.hpp"
#include "sim/replay/replay.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Arguments {
  std::string file;
  std::string trace;
};

template <class T>
T loaded(config::Loaded<T> result) {
  if (!result) throw Failure(kBadInput, result.error().to_string());
  return std::move(*result);
}

json describe(const Comparison& comparison) {
  json shown = {{"same", !comparison.difference()},
                {"events", comparison.equal()},
                {"complete", !comparison.broken_off()}};
  if (const auto& difference = comparison.difference()) {
    shown["line"] = difference->line;
    shown["expected"] = difference->expected;
    shown["got"] = difference->got;
  }
  return shown;
}

void print_text(const std::string& file, const Comparison& comparison) {
  if (const auto& difference = comparison.difference()) {
    fmt::print("differs    {}:{}, after {} equal events\n", file, difference->line,
               comparison.equal());
    fmt::print("expected   {}\n", difference->expected);
    fmt::print("got        {}\n", difference->got.empty() ? "the end" : difference->got);
    return;
  }
  fmt::print("replayed   {} events, the same as in {}\n", comparison.equal(), file);
  if (comparison.broken_off()) {
    fmt::print("           where the trace is broken off; the rest could not be compared\n");
  }
}

ExitCode run(const Arguments& arguments, bool as_json) {
  std::ifstream in(arguments.file, std::ios::binary);
  TraceReader trace = loaded(TraceReader::open(in, arguments.file));
  const Scenario scenario = loaded(scenario_of(trace));
  const std::string reproduce = "waggle-sim replay " + arguments.file;
  prepare_for_abort(scenario, as_json, reproduce);
  const auto started = std::chrono::steady_clock::now();
  TraceFile now(arguments.trace, scenario);
  Comparison comparison(trace, now.sink());
  const RunReport report = run_scenario(scenario, &comparison);
  comparison.finish(report);
  now.finish(report, reproduce);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  if (comparison.error()) throw Failure(kBadInput, comparison.error()->to_string());
  if (as_json) {
    json out = summary_json(scenario, report, wall.count());
    out["replay"] = describe(comparison);
    print_line(out);
  } else {
    print_text(arguments.file, comparison);
    if (!comparison.difference()) print_summary(scenario, report, wall.count(), reproduce);
  }
  return comparison.difference() ? kViolated : kHeld;
}

}  // namespace

void add_replay_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("replay", "run what a trace is of once more and compare every event");
  command->add_option("TRACE", arguments->file, "what run --trace wrote")->required();
  command->add_option("--trace", arguments->trace, "writes what happens now, as JSON lines");
  command->footer(
      "Exit codes:\n"
      "  0  the run goes through the same events, whatever its verdict\n"
      "  1  it does not; the first event that differs is shown\n"
      "  2  bad usage or trace");
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
