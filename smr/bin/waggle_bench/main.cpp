// waggle-bench: puts a Waggle cluster under load and measures it, beside the machine's own limits.
#include <exception>

#include <fmt/format.h>

#include "smr/bin/waggle/output.hpp"
#include "smr/bin/waggle_bench/commit.hpp"
#include "smr/bin/waggle_bench/run.hpp"
#include "smr/bin/waggle_bench/sweep.hpp"

namespace {

using namespace waggle;
using namespace waggle::bench;

/// What makes a run a failed one, in one line; empty: nothing.
std::string failure_of(const Report& report) {
  const Measured& found = report.measured;
  if (found.failed > 0) {
    return fmt::format("{} commands failed; the first: {}", found.failed, found.failure);
  }
  if (found.commands == 0) return "no command was answered in time";
  if (report.read_back && report.read_back->lost > 0) {
    return fmt::format("{} of {} keys have lost what was acknowledged, among them {}",
                       report.read_back->lost, report.read_back->keys, report.read_back->first);
  }
  return "";
}

void print(const Options& options, const nlohmann::json& json, const std::string& text) {
  if (options.json)
    cli::print_json(json);
  else
    fmt::print("{}", text);
}

void run_once(Report& report, Target& target) {
  measure(report, target);
  if (report.options.idle_seconds) {
    report.idle = measure_idle(target, *report.options.idle_seconds);
  }
  print(report.options, report.to_json(), report.to_text());
  const std::string failure = failure_of(report);
  if (!failure.empty()) throw cli::Failure(cli::kRefused, failure);
}

void run_sweep(const Report& base, Target& target) {
  const Sweep sweep(measure_sweep(base, target));
  print(base.options, sweep.to_json(), sweep.to_text());
  for (const Report& report : sweep.runs()) {
    const std::string failure = failure_of(report);
    if (!failure.empty()) throw cli::Failure(cli::kRefused, failure);
  }
  if (sweep.stalls() > 0) {
    throw cli::Failure(cli::kRefused,
                       fmt::format("{} runs had a second without an answer", sweep.stalls()));
  }
}

int run(const Options& options) {
  net::EventLoop::hold_signals();  // Before any thread, so that an interruption comes to Watch.
  namespace fs = std::filesystem;
  std::unique_ptr<Target> target;
  if (!options.cluster.empty()) target = running_cluster(options.cluster);
  const fs::path disk = target                   ? target->folder()
                        : options.folder.empty() ? fs::temp_directory_path()
                                                 : options.folder;
  if (!fs::is_directory(disk)) throw cli::Failure(cli::kBadInput, disk.string() + ": no folder");
  Report report{.options = options, .commit = built_commit()};
  report.machine = describe_machine(disk);
  report.limits = measure_limits(disk);
  if (!target) target = throwaway_cluster(options);
  report.replicas = target->network().chain().n();
  if (target->network().genesis.median) report.options.batch = 1;
  if (options.sweep.empty())
    run_once(report, *target);
  else
    run_sweep(report, *target);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = parse_options(argc, argv);
    return options ? run(*options) : 0;
  } catch (const cli::Failure& failure) {
    fmt::print(stderr, "waggle-bench: {}\n", failure.what());
    return failure.code();
  } catch (const std::exception& error) {
    fmt::print(stderr, "waggle-bench: {}\n", error.what());
    return cli::kRefused;
  }
}
