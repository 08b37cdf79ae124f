// waggle-sim experiment: the tables and figures of docs/experiments.
#include <chrono>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sim/bin/cli.hpp"
#include "sim/bin/files.hpp"
#include "sim/experiment/page.hpp"
#include "sim/experiment/runner.hpp"
#include "smr/config/nearest.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

struct Arguments {
  std::string name;
  std::string folder;
  std::uint32_t jobs = 1;
  std::uint64_t time_limit_s = 0;
  Scale scale;
  bool fresh = false;
  bool list = false;
};

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

ExitCode list_experiments(bool as_json) {
  json all = json::array();
  for (const Experiment* one : experiments()) {
    if (!as_json) fmt::print("{:<18} {}\n", one->name, one->question);
    all.push_back({{"name", one->name}, {"question", one->question}});
  }
  if (as_json) fmt::print("{}\n", all.dump());
  return kHeld;
}

std::vector<const Experiment*> chosen(const Arguments& arguments) {
  const auto all = experiments();
  if (arguments.name == "all") return {all.begin(), all.end()};
  if (const Experiment* one = find_experiment(arguments.name)) return {one};
  std::vector<std::string_view> names = {"all"};
  for (const Experiment* one : all) names.push_back(one->name);
  const std::string_view close = config::nearest(arguments.name, names);
  throw Failure(kBadInput,
                fmt::format("there is no experiment \"{}\"{}", arguments.name,
                            close.empty() ? "; --list shows all"
                                          : fmt::format("; did you mean \"{}\"?", close)));
}

/// One line that is written over; on terminals only.
class ProgressLine {
 public:
  explicit ProgressLine(std::string_view name) : name_(name), started_(SteadyClock::now()) {}
  ~ProgressLine() {
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
  }
  void show(const Progress& progress) const {
    if (!terminal_) return;
    fmt::print(stderr, "\r{}: {} of {} runs{}\x1b[K", name_, progress.done, progress.total,
               left(progress));
  }

 private:
  std::string left(const Progress& progress) const {
    const std::size_t run = progress.done - progress.cached;
    if (run == 0) return "";
    const double each = seconds_since(started_) / static_cast<double>(run);
    return fmt::format(", {:.0f} s left",
                       each * static_cast<double>(progress.total - progress.done));
  }

  const std::string_view name_;
  const SteadyClock::time_point started_;
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
};

/// What became of one experiment.
struct Outcome {
  Progress progress;
  bool finished = false;
  Findings findings;
  std::vector<std::string> files;
  double wall = 0;
};

Outcome run_one(const Experiment& experiment, const Arguments& arguments, RunnerOptions options) {
  const auto started = SteadyClock::now();
  options.cache = fmt::format("{}/.cache/{}.jsonl", arguments.folder, experiment.name);
  if (arguments.fresh) std::filesystem::remove(options.cache);
  Outcome outcome;
  const ProgressLine line(experiment.name);
  const auto results = run_cells(experiment, experiment.cells(arguments.scale), options,
                                 [&](const Progress& progress) {
                                   outcome.progress = progress;
                                   line.show(progress);
                                 });
  if (results) {
    outcome.finished = true;
    outcome.findings = experiment.evaluate(*results, arguments.scale);
    for (const File& file : files_of(experiment, outcome.findings, arguments.scale)) {
      outcome.files.push_back(fmt::format("{}/{}", arguments.folder, file.name));
      save_file(outcome.files.back(), file.text);
    }
  }
  outcome.wall = seconds_since(started);
  return outcome;
}

void write_index(const std::string& folder) {
  std::vector<const Experiment*> present;
  for (const Experiment* one : experiments()) {
    if (std::filesystem::exists(fmt::format("{}/{}.md", folder, one->name))) present.push_back(one);
  }
  const File index = index_of(present);
  save_file(fmt::format("{}/{}", folder, index.name), index.text);
}

void print_text(const Experiment& experiment, const Outcome& outcome) {
  const Progress& progress = outcome.progress;
  fmt::print("experiment {}: {} of {} runs, {} of them known before, in {:.1f} s\n",
             experiment.name, progress.done, progress.total, progress.cached, outcome.wall);
  for (const Claim& claim : outcome.findings.claims) {
    fmt::print("{:<10} {} ({})\n", claim.holds ? "holds" : "FAILS", claim.expected, claim.found);
  }
  for (const std::string& file : outcome.files) fmt::print("wrote      {}\n", file);
  if (!outcome.finished) fmt::print("stopped    the same command goes on where it was\n");
}

json describe(const Experiment& experiment, const Outcome& outcome) {
  json claims = json::array();
  for (const Claim& claim : outcome.findings.claims) {
    claims.push_back(
        {{"expected", claim.expected}, {"found", claim.found}, {"holds", claim.holds}});
  }
  return {{"experiment", experiment.name}, {"runs", outcome.progress.total},
          {"done", outcome.progress.done}, {"cached", outcome.progress.cached},
          {"finished", outcome.finished},  {"claims", std::move(claims)},
          {"files", outcome.files},        {"wall_s", outcome.wall}};
}

ExitCode run(Arguments& arguments, bool as_json) {
  if (arguments.list) return list_experiments(as_json);
  if (arguments.name.empty())
    throw Failure(kBadInput, "name an experiment, or all; --list shows them");
  if (arguments.folder.empty()) {
    arguments.folder = arguments.scale.quick ? "experiments-quick" : "docs/experiments";
  }
  RunnerOptions options;
  options.jobs = arguments.jobs;
  if (arguments.time_limit_s > 0) {
    options.deadline = SteadyClock::now() + std::chrono::seconds(arguments.time_limit_s);
  }
  json all = json::array();
  bool finished = true;
  for (const Experiment* one : chosen(arguments)) {
    const Outcome outcome = run_one(*one, arguments, options);
    finished = finished && outcome.finished;
    if (!as_json) print_text(*one, outcome);
    all.push_back(describe(*one, outcome));
  }
  write_index(arguments.folder);
  if (as_json) fmt::print("{}\n", all.dump(-1, ' ', false, json::error_handler_t::replace));
  return finished ? kHeld : kStuck;
}

ExitCode run_or_explain(Arguments& arguments, bool as_json) {
  try {
    return run(arguments, as_json);
  } catch (const CellFailed& failed) {
    throw Failure(kViolated, failed.what());
  }
}

}  // namespace

void add_experiment_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("experiment", "measure, and write tables and figures about it");
  command->add_option("NAME", arguments->name, "of an experiment, or all");
  command->add_flag("--list", arguments->list, "says what experiments there are");
  command->add_option("--out", arguments->folder,
                      "folder to write to; docs/experiments, or experiments-quick");
  command->add_option("--jobs", arguments->jobs, "runs at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_flag("--quick", arguments->scale.quick, "few seeds and small sizes");
  command->add_flag("--fresh", arguments->fresh, "forgets the runs that were finished before");
  command->add_option("--time-limit", arguments->time_limit_s,
                      "seconds; starts nothing after it, and goes on the next time");
  command->callback([&cli, arguments] {
    cli.run = [&cli, arguments] { return run_or_explain(*arguments, cli.json); };
  });
}

}  // namespace waggle::sim
