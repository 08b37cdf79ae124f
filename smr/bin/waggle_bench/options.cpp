#include "smr/bin/waggle_bench/options.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle_bench/shape.hpp"
#include "smr/config/testnet.hpp"

namespace waggle::bench {
namespace {

constexpr const char* kFooter =
    "Without --cluster it starts a cluster of its own on loopback, in a temporary folder that it\n"
    "removes, with the defaults of `waggle testnet init`: synced writes, signed requests, TLS.\n"
    "Closed loop: every client keeps --in-flight commands on their way. Open loop (--rate):\n"
    "commands are due at fixed moments, and their latency counts from there, sent or not.\n"
    "Under the median rule a request is one command, and each command in flight has a lane.\n"
    "\n"
    "Exit codes: 0 measured; 1 the run failed or was interrupted; 2 bad usage or configuration.";

void add_cluster_options(CLI::App& app, Options& options) {
  app.add_option("--replicas", options.replicas, "replicas of the throwaway cluster")
      ->check(CLI::Range(1U, config::kTestnetReplicasMax))
      ->capture_default_str();
  auto* protocol = app.add_option("--protocol", options.protocol,
                                  "what the throwaway cluster runs: pbeegees or median")
                       ->check(CLI::IsMember({"pbeegees", "median"}))
                       ->capture_default_str();
  auto* folder = app.add_option("--folder", options.folder,
                                "where its temporary folder is made: a disk worth measuring");
  app.add_option("--cluster", options.cluster,
                 "cluster.toml of a running cluster, with genesis.toml beside it, or their folder")
      ->excludes(folder)
      ->excludes(protocol);
  app.add_option("--block-bytes", options.block_bytes, "commands of one block of the throwaway one")
      ->check(CLI::Range(1U << 11, 64U << 20))
      ->excludes("--cluster")
      ->capture_default_str();
  app.add_option("--waggled", options.waggled, "the replica's program [beside this one]");
}

void add_load_options(CLI::App& app, Options& options) {
  app.add_option("--rate", options.rate, "open loop: commands per second, of all clients together")
      ->check(CLI::Range(1U, 10'000'000U));
  app.add_option("--clients", options.clients, "clients")
      ->check(CLI::Range(1U, 100U))
      ->capture_default_str();
  app.add_option("--in-flight", options.in_flight,
                 "commands on their way per client; with --rate at most so many")
      ->check(CLI::Range(1U, 100'000U))
      ->capture_default_str();
  app.add_option("--batch", options.batch, "commands in one request, at most")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  app.add_option("--value-bytes", options.value_bytes, "bytes of each value")
      ->check(CLI::Range(0U, 1U << 20))
      ->capture_default_str();
  app.add_option("--keys", options.keys, "how many different keys are put to")
      ->check(CLI::Range(1U, 1'000'000'000U))
      ->capture_default_str();
}

void add_time_options(CLI::App& app, Options& options) {
  app.add_option("--warmup", options.warmup_seconds, "seconds before measuring")
      ->check(CLI::Range(0.0, 86'400.0))
      ->capture_default_str();
  app.add_option("--duration", options.duration_seconds, "seconds of measuring")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  app.add_option("--timeout", options.timeout_seconds, "seconds for one command")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  app.add_flag("--json", options.json, "answer in JSON");
}

void add_trial_options(CLI::App& app, Options& options) {
  auto* sweep =
      app.add_option(
             "--sweep", options.sweep,
             "a run for each of these numbers of commands in flight, of all clients together")
          ->delimiter(',')
          ->check(CLI::Range(1U, 100'000U))
          ->excludes("--rate")
          ->excludes("--in-flight");
  app.add_option("--kill", options.kill,
                 "kill -9 a third into the run: the leader, or all, who are started again at once")
      ->check(CLI::IsMember({"leader", "all"}))
      ->excludes("--cluster")
      ->excludes(sweep);
  app.add_flag("--read-back", options.read_back,
               "read all in the end and compare it with what was acknowledged; --kill implies it");
  app.add_option("--idle", options.idle_seconds,
                 "then rest so many seconds, and measure the first command after it")
      ->check(CLI::Range(0.1, 86'400.0))
      ->excludes(sweep);
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  CLI::App app{"waggle-bench: puts a cluster under load and measures it", "waggle-bench"};
  app.footer(kFooter);
  add_cluster_options(app, options);
  add_load_options(app, options);
  add_time_options(app, options);
  add_trial_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      throw cli::Failure(cli::kBadInput,
                         std::string(error.what()) + " (waggle-bench --help tells more)");
    }
    app.exit(error);
    return std::nullopt;
  }
  options.read_back = options.read_back || !options.kill.empty();
  std::sort(options.sweep.begin(), options.sweep.end());
  return options;
}

}  // namespace waggle::bench
