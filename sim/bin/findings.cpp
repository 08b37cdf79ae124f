#include "sim/bin/findings.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sim/bin/files.hpp"
#include "sim/scenario/write.hpp"
#include "sim/world/planted.hpp"
#include "smr/config/nearest.hpp"

namespace waggle::sim {

using nlohmann::json;

void check_planted(const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const PlantedBug& bug : planted_bugs()) known.push_back(bug.name);
  for (const std::string& name : names) {
    if (find_planted_bug(name) != nullptr) continue;
    const std::string_view close = config::nearest(name, known);
    const std::string hint = close.empty() ? fmt::format("there are {}", fmt::join(known, " "))
                                           : fmt::format("did you mean \"{}\"?", close);
    throw Failure(kBadInput, fmt::format("--without: there is no \"{}\"; {}", name, hint));
  }
}

ProgressLine::ProgressLine(std::uint64_t total, std::string what)
    : total_(total), what_(std::move(what)), started_(std::chrono::steady_clock::now()) {}

double ProgressLine::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

void ProgressLine::show(std::uint64_t runs, std::size_t failed) const {
  if (isatty(STDERR_FILENO) == 0 || runs % 8 != 0) return;
  fmt::print(stderr, "\r{} of {} {}, {:.1f} per second, {} failed\x1b[K", runs, total_, what_,
             static_cast<double>(runs) / seconds(), failed);
}

double ProgressLine::finish() const {
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\x1b[K");
  return seconds();
}

std::vector<std::string> save_failures(const Exploration& found, const std::string& folder,
                                       const std::string& prefix, const std::string& comment,
                                       const std::function<Scenario(std::uint64_t seed)>& draw) {
  std::vector<std::string> files;
  for (const Trial& trial : found.failures) {
    Scenario scenario = draw(trial.seed);
    scenario.expect.verdict = trial.verdict;
    scenario.expect.property = trial.property;
    files.push_back(fmt::format("{}/{}-{}.toml", folder, prefix, trial.seed));
    save_file(files.back(), write_scenario(scenario, comment + ": " + trial.property));
  }
  return files;
}

void print_findings(const Exploration& found, double wall, const std::vector<std::string>& files) {
  fmt::print("runs       {} in {:.1f} s: {:.1f} per second\n", found.runs, wall,
             static_cast<double>(found.runs) / wall);
  fmt::print("events     {}; {} blocks committed, {} views given up\n", found.events,
             found.committed, found.timeouts);
  for (const auto& [name, count] : found.covered) fmt::print("covered    {:>8}  {}\n", count, name);
  for (const PlaceInfo& info : places()) {
    const std::uint64_t count = found.strikes[static_cast<std::size_t>(info.place)];
    if (count > 0) fmt::print("struck     {:>8}  {}\n", count, info.name);
  }
  for (std::size_t i = 0; i < found.failures.size(); ++i) {
    const Trial& trial = found.failures[i];
    fmt::print("failure    seed {}: {}: {}\n", trial.seed, trial.property, trial.detail);
    fmt::print("reproduce: waggle-sim run {}\n", files[i]);
  }
  const std::size_t failed = found.failures.size();
  fmt::print("verdict    {}\n", failed == 0 ? "ok" : fmt::format("{} runs failed", failed));
}

json describe_findings(const Exploration& found, double wall,
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
  return {{"runs", found.runs},           {"events", found.events},
          {"committed", found.committed}, {"timeouts", found.timeouts},
          {"covered", found.covered},     {"struck", struck},
          {"failures", failures},         {"wall_s", wall}};
}

ExitCode exit_code_of(const Exploration& found) {
  if (found.failures.empty()) return kHeld;
  const bool stalls =
      std::all_of(found.failures.begin(), found.failures.end(),
                  [](const Trial& trial) { return trial.verdict == Verdict::kStalled; });
  return stalls ? kStuck : kViolated;
}

}  // namespace waggle::sim
