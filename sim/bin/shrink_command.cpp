// waggle-sim shrink: one failing scenario, made small.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sim/bin/cli.hpp"
#include "sim/bin/files.hpp"
#include "sim/explore/shrink.hpp"
#include "sim/scenario/write.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Arguments {
  std::string file;
  std::string out;
  ShrinkLimits limits;
  std::uint64_t time_limit_s = 0;
};

void print(const Arguments& arguments, std::uint64_t before, const Shrunk& small, bool as_json) {
  const std::size_t faults = small.scenario.faults.size();
  const std::size_t adversaries = small.scenario.adversaries.size();
  if (as_json) {
    const json out = {{"scenario", arguments.out},
                      {"property", small.trial.property},
                      {"detail", small.trial.detail},
                      {"events_before", before},
                      {"events", small.trial.events},
                      {"tried", small.tried},
                      {"faults", faults},
                      {"adversaries", adversaries}};
    fmt::print("{}\n", out.dump(-1, ' ', false, json::error_handler_t::replace));
    return;
  }
  fmt::print("shrunk     {} events to {}, {} faults, {} adversaries; {} of {} tries helped\n",
             before, small.trial.events, faults, adversaries, small.helped, small.tried);
  fmt::print("violation  {}: {}\n", small.trial.property, small.trial.detail);
  fmt::print("reproduce: waggle-sim run {}\n", arguments.out);
}

ExitCode run(const Arguments& arguments, bool as_json) {
  const auto scenario = load_scenario(arguments.file, {});
  if (!scenario) throw Failure(kBadInput, scenario.error().to_string());
  const Trial first = run_apart(*scenario);
  if (first.verdict == Verdict::kOk) {
    throw Failure(kBadInput, arguments.file + ": all checks hold; there is nothing to shrink");
  }
  const bool terminal = isatty(STDERR_FILENO) != 0;
  ShrinkLimits limits = arguments.limits;
  if (arguments.time_limit_s > 0) limits.time_limit = std::chrono::seconds(arguments.time_limit_s);
  Shrunk small = shrink(*scenario, limits, [terminal](const Shrunk& so_far) {
    if (!terminal) return;
    fmt::print(stderr, "\r{} events after {} tries\x1b[K", so_far.trial.events, so_far.tried);
  });
  if (terminal) fmt::print(stderr, "\r\x1b[K");
  small.scenario.name += "-small";
  small.scenario.expect.verdict = small.trial.verdict;
  small.scenario.expect.property = small.trial.property;
  save_file(
      arguments.out,
      write_scenario(small.scenario, fmt::format("Shrunk from {} events to {}: {}", first.events,
                                                 small.trial.events, small.trial.property)));
  print(arguments, first.events, small, as_json);
  return kHeld;
}

}  // namespace

void add_shrink_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("shrink", "make a failing scenario as small as it gets");
  command->add_option("SCENARIO", arguments->file, "a scenario that fails")->required();
  command->add_option("-o,--out", arguments->out, "where the small one is written")->required();
  command->add_option("--tries", arguments->limits.tries_max, "runs at most")
      ->capture_default_str();
  command->add_option("--time-limit", arguments->time_limit_s, "seconds");
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
