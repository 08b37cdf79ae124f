// waggle-sim explore: many seeds, each a scenario of its own.
#include <algorithm>
#include <chrono>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sim/bin/cli.hpp"
#include "sim/bin/files.hpp"
#include "sim/explore/explore.hpp"
#include "sim/scenario/write.hpp"
#include "sim/world/cores.hpp"
#include "sim/world/planted.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

struct Arguments {
  ExploreOptions options;
  std::string seeds = "1..100";
  std::uint64_t time_limit_s = 0;
  std::string folder = "failures";
};

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
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

void check_names(const DrawOptions& draw) {
  for (const std::string& name : draw.without) {
    if (find_planted_bug(name) != nullptr) continue;
    std::string all;
    for (const PlantedBug& bug : planted_bugs()) all += " " + std::string(bug.name);
    throw Failure(kBadInput, "--without: there is no \"" + name + "\"; there are" + all);
  }
}

/// One line that is written over; on terminals only.
void show_progress(const Exploration& found, std::uint64_t total, double wall) {
  if (isatty(STDERR_FILENO) == 0 || found.runs % 8 != 0) return;
  fmt::print(stderr, "\r{} of {} seeds, {:.1f} per second, {} failed\x1b[K", found.runs, total,
             static_cast<double>(found.runs) / wall, found.failures.size());
}

/// Writes every failure down as a scenario; returns the files' names.
std::vector<std::string> save_failures(const Arguments& arguments, const Exploration& found) {
  std::vector<std::string> files;
  const DrawOptions& draw = arguments.options.draw;
  for (const Trial& trial : found.failures) {
    Scenario scenario = draw_scenario(draw, trial.seed);
    scenario.expect.verdict = trial.verdict;
    scenario.expect.property = trial.property;
    files.push_back(fmt::format("{}/{}-{}.toml", arguments.folder, draw.core, trial.seed));
    save_file(files.back(), write_scenario(scenario, "Found by exploration: " + trial.property));
  }
  return files;
}

void print_text(const Exploration& found, double wall, const std::vector<std::string>& files) {
  fmt::print("runs       {} in {:.1f} s: {:.1f} per second\n", found.runs, wall,
             static_cast<double>(found.runs) / wall);
  fmt::print("events     {}; {} blocks committed, {} views given up\n", found.events,
             found.committed, found.timeouts);
  for (const auto& [name, count] : found.covered) fmt::print("covered    {:>8}  {}\n", count, name);
  for (const PlaceInfo& info : places()) {
    const std::uint64_t count = found.strikes[static_cast<std::size_t>(info.place)];
    fmt::print("struck     {:>8}  {}\n", count, info.name);
  }
  for (std::size_t i = 0; i < found.failures.size(); ++i) {
    const Trial& trial = found.failures[i];
    fmt::print("failure    seed {}: {}: {}\n", trial.seed, trial.property, trial.detail);
    fmt::print("reproduce: waggle-sim run {}\n", files[i]);
  }
  const std::size_t failed = found.failures.size();
  fmt::print("verdict    {}\n", failed == 0 ? "ok" : fmt::format("{} seeds failed", failed));
}

void print_json(const ExploreOptions& options, const Exploration& found, double wall,
                const std::vector<std::string>& files) {
  json failures = json::array();
  for (std::size_t i = 0; i < found.failures.size(); ++i) {
    const Trial& trial = found.failures[i];
    failures.push_back({{"seed", trial.seed},
                        {"verdict", to_string(trial.verdict)},
                        {"property", trial.property},
                        {"detail", trial.detail},
                        {"scenario", files[i]}});
  }
  json struck = json::object();
  for (const PlaceInfo& info : places()) {
    struck[std::string(info.name)] = found.strikes[static_cast<std::size_t>(info.place)];
  }
  const json out = {{"core", options.draw.core},
                    {"runs", found.runs},
                    {"events", found.events},
                    {"committed", found.committed},
                    {"timeouts", found.timeouts},
                    {"covered", found.covered},
                    {"struck", struck},
                    {"failures", failures},
                    {"wall_s", wall}};
  fmt::print("{}\n", out.dump(-1, ' ', false, json::error_handler_t::replace));
}

ExitCode run(Arguments& arguments, bool as_json) {
  ExploreOptions& options = arguments.options;
  read_seeds(arguments.seeds, options);
  check_names(options.draw);
  if (arguments.time_limit_s > 0) options.time_limit = std::chrono::seconds(arguments.time_limit_s);
  const auto started = SteadyClock::now();
  const std::uint64_t total = options.last_seed - options.first_seed + 1;
  const Exploration found = explore(options, [&](const Exploration& so_far, const Trial&) {
    show_progress(so_far, total, seconds_since(started));
  });
  const double wall = seconds_since(started);
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\x1b[K");
  const std::vector<std::string> files = save_failures(arguments, found);
  if (as_json) {
    print_json(options, found, wall, files);
  } else {
    print_text(found, wall, files);
  }
  if (found.failures.empty()) return kHeld;
  const bool stalls =
      std::all_of(found.failures.begin(), found.failures.end(),
                  [](const Trial& trial) { return trial.verdict == Verdict::kStalled; });
  return stalls ? kStuck : kViolated;
}

}  // namespace

void add_explore_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  ExploreOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand("explore", "draw a scenario from every seed and judge it");
  command->add_option("--core", options.draw.core, "the protocol")
      ->check(CLI::IsMember(std::vector<std::string>(core_names().begin(), core_names().end())))
      ->capture_default_str();
  command->add_option("--n", options.draw.n, "replicas; drawn if not given")
      ->check(CLI::Range(1, 256));
  command->add_option("--seeds", arguments->seeds, "from..to")->capture_default_str();
  command->add_option("--jobs", options.jobs, "runs at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--time-limit", arguments->time_limit_s, "seconds; starts nothing after it");
  command->add_option("--without", options.draw.without, "plants a bug, to see it found")
      ->allow_extra_args(false);
  command->add_flag("--stop-at-failure", options.stop_at_failure, "starts nothing after one");
  command->add_option("--save", arguments->folder, "folder for failing scenarios")
      ->capture_default_str();
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
