// waggle-sim calibrate: T and B for a network, from how long its logs take to agree.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/bin/cli.hpp"
#include "sim/experiment/calibrate.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

struct Arguments {
  CalibrateOptions options{.setup = {.parameters = {.n = 64}}};
  std::string blocked = "10%";
};

/// "10%" is freshly blocked; anything else is an adversary as `rounds --block` takes it.
std::string adversary(const std::string& blocked) {
  return blocked.find(':') == std::string::npos && blocked.ends_with('%') ? "fresh:" + blocked
                                                                          : blocked;
}

json quantiles(const std::vector<std::uint64_t>& counts) {
  return {{"p50", rounds::quantile(counts, 500)},
          {"p90", rounds::quantile(counts, 900)},
          {"p99", rounds::quantile(counts, 990)},
          {"p999", rounds::quantile(counts, 999)},
          {"most", rounds::quantile(counts, 1000)}};
}

json settling_json(const CalibrateOptions& options, const Calibration& found) {
  const rounds::Settling& settling = found.settling;
  const double steps = static_cast<double>(settling.rounds) * options.setup.parameters.n;
  json all{{"rounds", settling.rounds},
           {"entries", settling.times.count()},
           {"took", quantiles(settling.times.entries)},
           {"took_in_front", quantiles(settling.times.fronts)},
           {"distribution", settling.times.entries},
           {"distribution_in_front", settling.times.fronts},
           {"open", settling.open},
           {"useful", static_cast<double>(settling.useful) / steps},
           {"collapsed", settling.collapsed}};
  if (const auto& tail = found.tail) {
    all["tail"] = {{"threshold", tail->threshold}, {"beyond", tail->beyond},
                   {"rate", tail->rate},           {"decay", tail->decay},
                   {"decay_low", tail->decay_low}, {"decay_high", tail->decay_high},
                   {"even", tail->even},           {"decades_extrapolated", found.decades}};
    if (tail->decay_later) all["tail"]["decay_later"] = *tail->decay_later;
    json ages = json::object();
    for (const double failure : {1e-3, 1e-6, 1e-9, 1e-12, 1e-15}) {
      ages[fmt::format("{:g}", failure)] = {{"T", tail->rounds_for(failure)},
                                            {"T_at_most", tail->rounds_for_at_most(failure)}};
    }
    all["ages"] = std::move(ages);
  }
  if (found.T) all["T"] = *found.T;
  return all;
}

json sealing_json(const Calibration& found) {
  json tried = json::array();
  for (const Candidate& one : found.tried) {
    tried.push_back({{"T", one.T},
                     {"B", one.B},
                     {"mean_milli", one.latency.mean_milli},
                     {"p99", one.latency.p99},
                     {"submitted", one.latency.submitted},
                     {"acknowledged", one.latency.acknowledged}});
  }
  json all{{"settled_p50", found.settled},
           {"window", found.window},
           {"windows", found.sealing.windows},
           {"unsealed", found.sealing.unsealed},
           {"first", quantiles(found.sealing.first)},
           {"majority", quantiles(found.sealing.majority)},
           {"tried", std::move(tried)}};
  if (found.chosen) {
    all["T"] = found.chosen->T;
    all["B"] = found.chosen->B;
  }
  return all;
}

void print_settling(const CalibrateOptions& options, const Calibration& found) {
  if (options.rounds == 0) return;
  const rounds::SettleTimes& times = found.settling.times;
  const auto line = [](const std::vector<std::uint64_t>& counts) {
    return fmt::format("p50 {}, p90 {}, p99 {}, p99.9 {}, most {} rounds",
                       rounds::quantile(counts, 500), rounds::quantile(counts, 900),
                       rounds::quantile(counts, 990), rounds::quantile(counts, 999),
                       rounds::quantile(counts, 1000));
  };
  fmt::print("settling     {} entries in {} rounds: {}\n", times.count(), found.settling.rounds,
             line(times.entries));
  fmt::print("in front     {}\n", line(times.fronts));
  if (found.settling.collapsed) {
    fmt::print("collapsed    in the end no server held a log: no T helps\n");
    return;
  }
  if (!found.tail) {
    if (!found.T) return;
    fmt::print("tail         none to fit; nothing beyond T = {} in {} entries\n", *found.T,
               times.count());
    return;
  }
  const TailFit& tail = *found.tail;
  fmt::print("tail         above {} rounds, made of {}: by {:.3f} a round (95%: {:.3f} to {:.3f})",
             tail.threshold, tail.beyond, tail.decay, tail.decay_low, tail.decay_high);
  if (tail.decay_later) {
    fmt::print("; its last fifth by {:.3f}{}", *tail.decay_later,
               tail.even ? "" : ", which is another law");
  }
  fmt::print("\n");
  for (const double failure : {1e-3, 1e-6, 1e-9, 1e-12, 1e-15}) {
    fmt::print("{:<13}T {}, at most {}\n", fmt::format("{:g}", failure), tail.rounds_for(failure),
               tail.rounds_for_at_most(failure));
  }
  fmt::print("T            {}, for {:g} a command; {}\n", *found.T, options.failure,
             found.decades > 0 ? fmt::format("{:.1f} decades beyond what was seen", found.decades)
                               : "within what was seen");
}

void print_sealing(const Calibration& found) {
  const rounds::SealTimes& sealing = found.sealing;
  if (sealing.windows == 0) return;
  fmt::print(
      "sealing      half of the entries settle within {}; {} windows of {} rounds, {} without "
      "a seal\n",
      found.settled, sealing.windows, found.window, sealing.unsealed);
  if (sealing.first.empty()) return;
  fmt::print(
      "first seal   p50 {}, p99 {} rounds after the boundary; known to a majority p50 {}, "
      "p99 {}\n",
      rounds::quantile(sealing.first, 500), rounds::quantile(sealing.first, 990),
      rounds::quantile(sealing.majority, 500), rounds::quantile(sealing.majority, 990));
  for (const Candidate& one : found.tried) {
    fmt::print("tried        T {}, B {}: mean {:.1f}, p99 {} rounds; {} of {} told\n", one.T, one.B,
               static_cast<double>(one.latency.mean_milli) / 1000, one.latency.p99,
               one.latency.acknowledged, one.latency.submitted);
  }
  if (found.chosen) {
    fmt::print("sealed       T {}, B {}\n", found.chosen->T, found.chosen->B);
  } else {
    fmt::print("sealed       none of them told every client\n");
  }
}

ExitCode run(Arguments arguments, bool as_json) {
  CalibrateOptions& options = arguments.options;
  if (const auto checked = median::check(options.setup.parameters); !checked) {
    throw Failure(kBadInput, checked.error().message);
  }
  options.setup.block = adversary(arguments.blocked);
  if (const auto blocker = rounds::make_blocker(options.setup.block); !blocker) {
    throw Failure(kBadInput, "--blocked: " + blocker.error());
  }
  if (!(options.failure > 0 && options.failure < 1)) {
    throw Failure(kBadInput, "--failure: between 0 and 1");
  }
  const Calibration found = calibrate(options);
  if (as_json) {
    const median::Parameters& p = options.setup.parameters;
    json all{{"n", p.n},
             {"k", p.k},
             {"l", p.l},
             {"load", options.setup.load},
             {"block", options.setup.block},
             {"seed", options.setup.seed},
             {"seeds", options.seeds},
             {"failure", options.failure}};
    if (options.rounds > 0) all["settling"] = settling_json(options, found);
    if (options.windows > 0) all["sealing"] = sealing_json(found);
    fmt::print("{}\n", all.dump());
  } else {
    print_settling(options, found);
    print_sealing(found);
  }
  const bool live = (options.rounds == 0 || found.T) && (options.windows == 0 || found.chosen);
  return live ? kHeld : kStuck;
}

}  // namespace

void add_calibrate_command(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CalibrateOptions& options = arguments->options;
  CLI::App* command = app.add_subcommand(
      "calibrate", "T and B of the median rule, from how long its logs take to agree");
  const auto option = [command](const char* name, auto& value, const char* what) {
    return command->add_option(name, value, what)->capture_default_str();
  };
  option("--n", options.setup.parameters.n, "servers")->check(CLI::Range(1, 1 << 16));
  option("--k", options.setup.parameters.k, "requests of a server in a round");
  option("--l", options.setup.parameters.l, "replies that it needs");
  option("--load", options.setup.load, "commands submitted in each round")
      ->check(CLI::Range(1, 1 << 16));
  option("--blocked", arguments->blocked,
         "a share, blocked anew in each round, or an adversary as for rounds --block");
  option("--failure", options.failure,
         "how likely it may be that a command has not settled when it is T rounds old");
  option("--rounds", options.rounds, "rounds with each seed; 0: T in paper mode is left out")
      ->check(CLI::Range(0, 1 << 20));
  option("--seeds", options.seeds, "how many seeds")->check(CLI::Range(1, 1 << 20));
  option("--seed", options.setup.seed, "the first one");
  option("--windows", options.windows, "windows of sealing that are measured; 0: none");
  command->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return run(*arguments, cli.json); }; });
}

}  // namespace waggle::sim
