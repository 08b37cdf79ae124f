#include "smr/bin/waggle_bench/sweep.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace waggle::bench {
namespace {

constexpr std::chrono::seconds kStall{1};
constexpr double kLossMax = 0.05;

std::uint64_t in_flight(const Report& report) {
  return std::uint64_t{report.options.clients} * report.options.in_flight;
}

double ms(std::chrono::microseconds span) { return static_cast<double>(span.count()) / 1e3; }

}  // namespace

std::size_t Sweep::stalls() const {
  return static_cast<std::size_t>(std::count_if(
      runs_.begin(), runs_.end(), [](const Report& run) { return run.measured.pause >= kStall; }));
}

double Sweep::loss(std::size_t run) const {
  double best = 0;
  for (std::size_t i = 0; i < run; ++i) best = std::max(best, runs_[i].commands_per_s());
  return best > 0 ? std::max(0.0, 1 - runs_[run].commands_per_s() / best) : 0;
}

std::size_t Sweep::drops() const {
  std::size_t count = 0;
  for (std::size_t run = 0; run < runs_.size(); ++run) count += loss(run) > kLossMax ? 1 : 0;
  return count;
}

nlohmann::json Sweep::to_json() const {
  nlohmann::json runs = nlohmann::json::array();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    nlohmann::json run = runs_[i].to_json();
    run["in_flight"] = in_flight(runs_[i]);
    run["below_best"] = std::round(loss(i) * 1000) / 1000;
    runs.push_back(std::move(run));
  }
  return {{"sweep", std::move(runs)}, {"stalls", stalls()}, {"drops", drops()}};
}

std::string Sweep::to_text() const {
  std::string text =
      fmt::format("{:>10}{:>13}{:>11}{:>11}{:>11}{:>12}{:>9}{:>12}\n", "in flight", "commands/s",
                  "p50, ms", "p99, ms", "pause, ms", "CPU, us", "wire, B", "below best");
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Report& run = runs_[i];
    const auto number = [](const std::optional<double>& value) {
      return value ? fmt::format("{:.0f}", *value) : std::string("unknown");
    };
    text += fmt::format(
        "{:>10}{:>13.0f}{:>11.2f}{:>11.2f}{:>11.1f}{:>12}{:>9}{:>11.1f}%\n", in_flight(run),
        run.commands_per_s(), ms(run.measured.latency.quantile(0.5)),
        ms(run.measured.latency.quantile(0.99)), ms(run.measured.pause),
        number(run.cpu_us_per_command()), number(run.wire_bytes_per_command()), 100 * loss(i));
  }
  text += fmt::format("\nwith a second without an answer: {}; more than 5% below the best: {}\n",
                      stalls(), drops());
  return text + runs_.front().circumstances();
}

}  // namespace waggle::bench
