#include "sim/bin/rounds_findings.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "sim/bin/files.hpp"
#include "sim/rounds/planted.hpp"
#include "smr/config/nearest.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

/// Of all runs that have ended; each had a process of its own.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void check_planted_rules(const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const rounds::PlantedRule& rule : rounds::planted_rules()) known.push_back(rule.name);
  for (const std::string& name : names) {
    if (rounds::find_planted_rule(name) != nullptr) continue;
    const std::string_view close = config::nearest(name, known);
    const std::string hint = close.empty() ? fmt::format("there are {}", fmt::join(known, " "))
                                           : fmt::format("did you mean \"{}\"?", close);
    throw Failure(kBadInput, fmt::format("--without: there is no \"{}\"; {}", name, hint));
  }
}

std::vector<std::string> save_rounds(const RoundsExploration& found, const std::string& folder) {
  std::vector<std::string> files;
  for (const RoundsFailure& failure : found.failures) {
    files.push_back(fmt::format("{}/median-{}.sh", folder, failure.seed));
    save_file(files.back(), fmt::format("# Found by exploration, seed {}: {}\n{}\n", failure.seed,
                                        failure.detail, failure.command));
  }
  return files;
}

void print_rounds(const RoundsExploration& found, double wall,
                  const std::vector<std::string>& files) {
  fmt::print("runs       {} in {:.1f} s: {:.1f} per second, {:.3f} core-hours\n", found.runs, wall,
             static_cast<double>(found.runs) / wall, cpu_seconds() / 3600);
  fmt::print("rounds     {}; {} steps of servers, {} of them blocked; {} restarts\n", found.rounds,
             found.steps, found.blocked, found.restarts);
  fmt::print("commands   {} submitted, {} acknowledged; certificates shown {} times\n",
             found.submitted, found.acknowledged, found.certificates);
  for (const auto& [name, count] : found.covered) fmt::print("covered    {:>8}  {}\n", count, name);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const RoundsFailure& failure = found.failures[i];
    fmt::print("failure    seed {}: {}; saved as {}\n", failure.seed, failure.detail, files[i]);
    fmt::print("reproduce: {}\n", failure.command);
  }
  const std::size_t failed = found.failures.size();
  fmt::print("verdict    {}\n", failed == 0 ? "ok" : fmt::format("{} runs failed", failed));
}

json describe_rounds(const RoundsExploration& found, double wall,
                     const std::vector<std::string>& files) {
  json failures = json::array();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const RoundsFailure& failure = found.failures[i];
    failures.push_back({{"seed", failure.seed},
                        {"property", failure.property},
                        {"detail", failure.detail},
                        {"script", files[i]},
                        {"reproduce", failure.command}});
  }
  return {{"core", "median"},
          {"runs", found.runs},
          {"rounds", found.rounds},
          {"steps", found.steps},
          {"blocked", found.blocked},
          {"restarts", found.restarts},
          {"submitted", found.submitted},
          {"acknowledged", found.acknowledged},
          {"certificates", found.certificates},
          {"covered", found.covered},
          {"failures", failures},
          {"wall_s", wall},
          {"cpu_s", cpu_seconds()}};
}

ExitCode exit_code_of(const RoundsExploration& found) {
  if (found.failures.empty()) return kHeld;
  const bool stalls =
      std::all_of(found.failures.begin(), found.failures.end(),
                  [](const RoundsFailure& failure) { return failure.property == "liveness"; });
  return stalls ? kStuck : kViolated;
}

}  // namespace waggle::sim
