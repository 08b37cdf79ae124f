// waggle-sim twins: schedules with an identity that runs twice, one after the other.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "sim/bin/findings.hpp"
#include "sim/explore/twins.hpp"
#include "sim/world/cores.hpp"

namespace waggle::sim {
namespace {

struct Arguments {
  TwinsOptions options;
  std::uint64_t time_limit_s = 0;
  std::string folder = "failures";
};

TwinSpace space_of(const TwinsOptions& options) {
  const TwinSpaceOptions& asked = options.space;
  const std::uint32_t f = (asked.n - 1) / 3;
  if (asked.twins > f) {
    throw Failure(kBadInput, fmt::format("--twins: {} replicas stand at most {}", asked.n, f));
  }
  auto space = TwinSpace::make(asked);
  if (!space) throw Failure(kBadInput, space.error());
  if (options.offset >= space->size()) {
    throw Failure(kBadInput, fmt::format("--offset: there are only {} schedules", space->size()));
  }
  return std::move(*space);
}

ExitCode run(Arguments& arguments, bool as_json) {
  TwinsOptions& options = arguments.options;
  check_planted(options.without);
  const TwinSpace space = space_of(options);
  const TwinSample sample = sample_of(options, space);
  if (arguments.time_limit_s > 0) options.time_limit = std::chrono::seconds(arguments.time_limit_s);
  const ProgressLine line(sample.count, "schedules");
  const Exploration found = run_twins(
      options, space, [&line](const Exploration& so_far, const Trial&) { line.show(so_far); });
  const double wall = line.finish();
  const auto files = save_failures(
      found, arguments.folder, "twins-" + options.core, "Found by twins",
      [&](std::uint64_t number) { return twins_scenario(options, space.at(number), number); });
  if (as_json) {
    nlohmann::json out = describe_findings(found, wall, files);
    out.update({{"core", options.core},
                {"n", options.space.n},
                {"twins", options.space.twins},
                {"views", options.space.views},
                {"partitions", options.space.partitions_max},
                {"schedules", space.size()},
                {"stride", sample.stride}});
    fmt::print("{}\n", out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("schedules  {}, of which {} were run: every {}th, from number {} on\n", space.size(),
               found.runs, sample.stride, sample.first);
    print_findings(found, wall, files);
  }
  return exit_code_of(found);
}

}  // namespace

void add_twins_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  TwinsOptions& options = arguments->options;
  CLI::App* command =
      app.add_subcommand("twins", "run identities twice, under all partitions of the first views");
  command->add_option("--core", options.core, "the protocol")
      ->check(CLI::IsMember(std::vector<std::string>(core_names().begin(), core_names().end())))
      ->capture_default_str();
  command->add_option("--n", options.space.n, "replicas")
      ->check(CLI::Range(4, 7))
      ->capture_default_str();
  command->add_option("--twins", options.space.twins, "how many of them run twice")
      ->check(CLI::Range(0, 2))
      ->capture_default_str();
  command->add_option("--views", options.space.views, "first views that are enumerated")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command->add_option("--partitions", options.space.partitions_max, "groups in a view, at most")
      ->check(CLI::Range(1, 9))
      ->capture_default_str();
  command->add_option("--limit", options.limit, "schedules to run, at most, evenly taken")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--offset", options.offset, "number of the first one")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--jobs", options.jobs, "runs at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--time-limit", arguments->time_limit_s, "seconds; starts nothing after it");
  command->add_option("--without", options.without, "plants a bug, to see it found")
      ->allow_extra_args(false);
  command->add_flag("--stop-at-failure", options.stop_at_failure, "starts nothing after one");
  command->add_option("--save", arguments->folder, "folder for failing scenarios")
      ->capture_default_str();
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
