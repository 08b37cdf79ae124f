// waggle-sim explore: many seeds, each a scenario of its own.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "sim/bin/findings.hpp"
#include "sim/bin/rounds_findings.hpp"
#include "sim/explore/explore.hpp"
#include "sim/world/cores.hpp"

namespace waggle::sim {
namespace {

struct Arguments {
  ExploreOptions options;
  std::string seeds = "1..100";
  std::uint64_t time_limit_s = 0;
  std::string folder = "failures";
};

constexpr const char* kMedian = "median";
constexpr std::uint32_t kReplicasMax = 256;  ///< Of the other cores.

std::vector<std::string> known_cores() {
  std::vector<std::string> names(core_names().begin(), core_names().end());
  names.emplace_back(kMedian);
  return names;
}

/// "A..B" or "A".
void read_seeds(const std::string& text, ExploreOptions& options) {
  const std::size_t dots = text.find("..");
  const std::string first = text.substr(0, dots);
  const std::string last = dots == std::string::npos ? first : text.substr(dots + 2);
  const bool read = CLI::detail::lexical_cast(first, options.first_seed) &&
                    CLI::detail::lexical_cast(last, options.last_seed);
  if (read && options.first_seed <= options.last_seed) return;
  throw Failure(kBadInput, "--seeds: \"" + text + "\" is not a range such as 1..1000");
}

/// The median core has a world of its own: synchronous rounds.
ExitCode run_median(const Arguments& arguments, bool as_json) {
  const ExploreOptions& given = arguments.options;
  ExploreRoundsOptions options;
  options.draw = {.n = given.draw.n, .without = given.draw.without};
  options.first_seed = given.first_seed;
  options.last_seed = given.last_seed;
  options.jobs = given.jobs;
  options.time_limit = given.time_limit;
  options.stop_at_failure = given.stop_at_failure;
  check_planted_rules(options.draw.without);
  const ProgressLine line(options.last_seed - options.first_seed + 1, "seeds");
  const RoundsExploration found = explore_rounds(
      options, [&line](const auto& so_far) { line.show(so_far.runs, so_far.failures.size()); });
  const double wall = line.finish();
  const auto files = save_rounds(found, arguments.folder);
  if (as_json) {
    fmt::print("{}\n", describe_rounds(found, wall, files).dump());
  } else {
    print_rounds(found, wall, files);
  }
  return exit_code_of(found);
}

ExitCode run(Arguments& arguments, bool as_json) {
  ExploreOptions& options = arguments.options;
  read_seeds(arguments.seeds, options);
  if (arguments.time_limit_s > 0) options.time_limit = std::chrono::seconds(arguments.time_limit_s);
  if (options.draw.core == kMedian) return run_median(arguments, as_json);
  if (options.draw.n > kReplicasMax) {
    throw Failure(kBadInput, fmt::format("--n: at most {} replicas", kReplicasMax));
  }
  check_planted(options.draw.without);
  const ProgressLine line(options.last_seed - options.first_seed + 1, "seeds");
  const Exploration found =
      explore(options, [&line](const Exploration& so_far, const Trial&) { line.show(so_far); });
  const double wall = line.finish();
  const auto files =
      save_failures(found, arguments.folder, options.draw.core, "Found by exploration",
                    [&](std::uint64_t seed) { return draw_scenario(options.draw, seed); });
  if (as_json) {
    nlohmann::json out = describe_findings(found, wall, files);
    out["core"] = options.draw.core;
    fmt::print("{}\n", out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print_findings(found, wall, files);
  }
  return exit_code_of(found);
}

}  // namespace

void add_explore_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  ExploreOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("explore", "draw a scenario from every seed and judge it");
  command->add_option("--core", options.draw.core, "the protocol; median: in synchronous rounds")
      ->check(CLI::IsMember(known_cores()))
      ->capture_default_str();
  command->add_option("--n", options.draw.n, "replicas; drawn if not given")
      ->check(CLI::Range(1, 4096));
  command->add_option("--seeds", arguments->seeds, "from..to")->capture_default_str();
  command->add_option("--jobs", options.jobs, "runs at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--time-limit", arguments->time_limit_s, "seconds; starts nothing after it");
  command->add_option("--without", options.draw.without, "plants a bug, to see it found")
      ->allow_extra_args(false);
  command->add_flag("--stop-at-failure", options.stop_at_failure, "starts nothing after one");
  command->add_option("--save", arguments->folder, "folder for what failed")->capture_default_str();
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
