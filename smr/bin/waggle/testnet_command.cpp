#include <algorithm>
#include <future>
#include <optional>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "crypto/key_file.hpp"
#include "crypto/sha256.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/bin/waggle/ports.hpp"
#include "smr/bin/waggle/processes.hpp"
#include "smr/client/number_file.hpp"
#include "smr/config/testnet.hpp"

namespace waggle::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct Options {
  std::uint32_t replicas = 4;
  std::string protocol = "pbeegees";
  std::uint32_t round_ms = 0;      ///< Of a median chain; 0: the default.
  std::vector<std::string> hosts;  ///< Of init; empty: all replicas on this machine.
  std::optional<std::uint16_t> base_port;
  bool closed = false;
  std::vector<std::uint32_t> only;  ///< Empty: all.
  fs::path waggled;
  bool rejoin = false;
};

constexpr milliseconds kStopPatience{10'000};

fs::path home_of(const Cli& cli, std::uint32_t replica) {
  return cli.cluster / fmt::format("replica-{}", replica);
}

std::uint64_t milliseconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(now).count());
}

ExitCode init(const Cli& cli, const Options& options) {
  config::TestnetOptions wanted;
  wanted.folder = cli.cluster;
  wanted.hosts = options.hosts;
  wanted.replicas =
      options.hosts.empty() ? options.replicas : static_cast<std::uint32_t>(options.hosts.size());
  wanted.open_clients = !options.closed;
  if (options.protocol == "median") {
    wanted.median = config::median_defaults(wanted.replicas, milliseconds_since_1970());
    if (options.round_ms > 0) wanted.median->round_ms = options.round_ms;
  } else if (options.round_ms > 0) {
    throw Failure(kBadInput, "--round-ms: rounds are of --protocol median");
  }
  if (options.base_port) {
    wanted.base_port = *options.base_port;
  } else if (options.hosts.empty() && options.replicas <= config::kTestnetReplicasMax) {
    const auto found = find_base_port(options.replicas, wanted.base_port);
    if (!found) throw Failure(kBadInput, "no free ports from 7400 on; name some with --base-port");
    wanted.base_port = *found;
  }
  const auto made = config::create_testnet(wanted);
  if (!made) throw Failure(kBadInput, made.error().to_string());

  const auto genesis = config::load_genesis(cli.cluster / "genesis.toml", crypto::Sha256Hasher());
  if (!genesis) throw Failure(kBadInput, genesis.error().to_string());
  const ChainConfig& chain = *genesis->chain;
  const auto key = crypto::read_key_file(cli.cluster / "client.key", crypto::KeyKind::kClient);
  if (!key) throw Failure(kBadInput, key.error().text);
  const auto numbers = client::NumberFile::create(number_file_of(cli.cluster / "client.key"),
                                                  chain.chain_id, key->public_key());
  if (!numbers) throw Failure(kBadInput, numbers.error());

  // Of a median chain those that are blocked or crashed; lying is not in its model.
  const std::uint32_t tolerated = wanted.median ? (wanted.replicas - 1) / 2 : chain.f();
  const auto last_port = wanted.base_port + 10 * (options.hosts.empty() ? wanted.replicas : 1) - 1;
  if (cli.json) {
    print_json({{"folder", cli.cluster.string()},
                {"chain", to_hex(chain.chain_id.view())},
                {"replicas", wanted.replicas},
                {"protocol", options.protocol},
                {"faults_tolerated", tolerated},
                {"base_port", wanted.base_port}});
  } else {
    fmt::print("made {}: chain {}, {} replicas (tolerates {} {}), ports {} .. {}{}\n",
               cli.cluster.string(), short_hex(chain.chain_id), wanted.replicas, tolerated,
               wanted.median ? "crashed or blocked" : "faulty", wanted.base_port, last_port,
               options.hosts.empty() ? "" : " of every host");
  }
  return kOk;
}

void print_state(const Cli& cli, std::uint32_t replica, const std::string& state,
                 const std::string& detail) {
  if (cli.json) return;
  fmt::print("replica {:<3} {}\n", replica,
             detail.empty() ? state : fmt::format("{:<16} {}", state, detail));
}

/// Waits until the replica answers a client; fails when it ends or time is up.
void await(const Cli& cli, client::Client& reader, std::uint32_t replica) {
  const ReplicaProcess process(home_of(cli, replica));
  const auto end = std::chrono::steady_clock::now() + cli.timeout();
  while (!reader.status(ReplicaId{replica}, milliseconds(300)).get()) {
    if (!process.running()) {
      throw Failure(kRefused, fmt::format("replica {} has stopped; the end of {}:{}", replica,
                                          process.log_file().string(), process.last_log_lines(5)));
    }
    if (std::chrono::steady_clock::now() >= end) {
      throw Failure(kUnknown, fmt::format("replica {} runs but does not answer; see {}", replica,
                                          process.log_file().string()));
    }
  }
}

ExitCode up(const Cli& cli, const Options& options) {
  const Network network = load_network(cli.cluster);
  const fs::path program = options.waggled.empty() ? find_waggled() : options.waggled;
  const auto replicas = choose_replicas(network, options.only);
  if (options.rejoin && options.only.empty()) {
    throw Failure(kBadInput, "--rejoin: name the replicas that lost their data with --replica");
  }
  std::vector<std::string> waggled_options;
  if (options.rejoin) waggled_options.emplace_back("--rejoin");

  std::vector<std::uint32_t> started;
  for (const std::uint32_t id : replicas) {
    const ReplicaProcess process(home_of(cli, id));
    if (const auto pid = process.running()) {
      print_state(cli, id, "already running", fmt::format("pid {}", *pid));
      continue;
    }
    process.start(program, waggled_options);
    started.push_back(id);
  }
  const auto reader = open_reader(network);
  for (const std::uint32_t id : started) {
    await(cli, *reader, id);
    const ReplicaProcess process(home_of(cli, id));
    print_state(cli, id, "up",
                fmt::format("pid {:<8} log {}", process.running().value_or(0),
                            process.log_file().string()));
  }
  if (cli.json) print_json({{"started", started}});
  return kOk;
}

ExitCode down(const Cli& cli, const Options& options) {
  const Network network = load_network(cli.cluster);
  const auto replicas = choose_replicas(network, options.only);
  std::vector<std::future<ReplicaProcess::Stopped>> stopping;
  for (const std::uint32_t id : replicas) {
    stopping.push_back(std::async(std::launch::async, [home = home_of(cli, id)] {
      return ReplicaProcess(home).stop(kStopPatience);
    }));
  }
  nlohmann::json json = nlohmann::json::object();
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    static constexpr const char* kWords[] = {"was not running", "stopped", "killed"};
    const std::string word = kWords[static_cast<int>(stopping[i].get())];
    print_state(cli, replicas[i], word, word == "killed" ? "did not stop in 10 s" : "");
    json[std::to_string(replicas[i])] = word;
  }
  if (cli.json) print_json(json);
  return kOk;
}

ExitCode processes(const Cli& cli) {
  const Network network = load_network(cli.cluster);
  Table table({{"replica", true}, {"process"}, {"pid", true}, {"peers"}, {"clients"}, {"log"}});
  nlohmann::json json = nlohmann::json::array();
  bool all = true;
  for (const config::ClusterMember& member : network.cluster.members) {
    const std::uint32_t id = member.id.value;
    const ReplicaProcess process(home_of(cli, id));
    const auto pid = process.running();
    all = all && pid;
    table.add({std::to_string(id), pid ? "running" : "stopped", pid ? std::to_string(*pid) : "-",
               member.peer_address.to_string(), member.client_address.to_string(),
               process.log_file().string()});
    json.push_back({{"replica", id},
                    {"running", pid.has_value()},
                    {"pid", pid ? nlohmann::json(*pid) : nlohmann::json()},
                    {"log", process.log_file().string()}});
  }
  if (cli.json)
    print_json(json);
  else
    table.print();
  return all ? kOk : kRefused;
}

}  // namespace

void add_testnet_commands(CLI::App& app, Cli& cli) {
  const auto options = std::make_shared<Options>();
  CLI::App* testnet = app.add_subcommand("testnet", "a network on this machine, to try things out");
  testnet->require_subcommand(1);
  testnet->fallthrough();
  const auto add = [&](const char* name, const char* about, auto run) {
    CLI::App* command = testnet->add_subcommand(name, about);
    command->callback(
        [&cli, options, run] { cli.run = [&cli, options, run] { return run(cli, *options); }; });
    return command;
  };
  const auto add_only = [&](CLI::App* command) {
    command->add_option("--replica", options->only, "only this one; may be repeated");
  };

  CLI::App* make =
      add("init", "make keys and configuration in the folder that --cluster names", init);
  CLI::Option* count =
      make->add_option("--replicas", options->replicas,
                       "how many; 3 f + 1 tolerate f faulty ones, of median 2 f + 1 f crashed ones")
          ->capture_default_str();
  make->add_option("--protocol", options->protocol, "pbeegees or median")
      ->check(CLI::IsMember({"pbeegees", "median"}))
      ->capture_default_str();
  make->add_option("--round-ms", options->round_ms,
                   "median: length of a round [by the number of replicas]")
      ->check(CLI::Range(1, 60'000));
  make->add_option("--hosts", options->hosts, "one host per replica, as in a,b,c,d [all are here]")
      ->delimiter(',')
      ->excludes(count);
  make->add_option("--base-port", options->base_port,
                   "ten ports per replica from here on [the first free ones from 7400]");
  make->add_flag("--closed", options->closed, "only the new client.key may submit");

  CLI::App* start = add("up", "start the replicas and wait until they answer", up);
  add_only(start);
  start->add_option("--waggled", options->waggled, "the program [beside this one]");
  start->add_flag("--rejoin", options->rejoin, "they lost their data directory");

  add_only(add("down", "stop the replicas", down));
  add("status", "which processes run; exit code 0 if all do",
      [](const Cli& c, const Options&) { return processes(c); });
}

}  // namespace waggle::cli
