#include <algorithm>
#include <future>
#include <map>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"

namespace waggle::cli {
namespace {

/// What one replica says of itself, or why it says nothing.
struct Answer {
  ReplicaId replica;
  std::optional<smr::Status> status;
  std::string why;
};

std::vector<Answer> ask(const Cli& cli, const Network& network,
                        const std::vector<std::uint32_t>& replicas) {
  const auto client = open_reader(network);
  std::vector<std::future<std::optional<smr::Status>>> futures;
  // Who is down does not answer however long one waits.
  const auto timeout = std::min(cli.timeout(), std::chrono::microseconds(2'000'000));
  for (const std::uint32_t id : replicas) {
    futures.push_back(client->status(ReplicaId{id}, timeout));
  }
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < futures.size(); ++i) {
    Answer answer{ReplicaId{replicas[i]}, futures[i].get(), ""};
    if (!answer.status) answer.why = client->connection_error(answer.replica);
    if (answer.status && answer.status->chain_id != network.chain().chain_id) {
      answer.status.reset();
      answer.why = "runs another chain";
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

/// A height at which two replicas claim different states, if there is one.
std::optional<std::uint64_t> disagreement(const std::vector<Answer>& answers) {
  std::map<Height, Digest> seen;
  for (const Answer& answer : answers) {
    if (!answer.status) continue;
    const auto [at, fresh] = seen.try_emplace(answer.status->executed, answer.status->state_digest);
    if (!fresh && at->second != answer.status->state_digest) return at->first.value;
  }
  return std::nullopt;
}

void print_table(const std::vector<Answer>& answers) {
  Table table({{"replica", true},
               {"phase"},
               {"view", true},
               {"leader", true},
               {"height", true},
               {"executed", true},
               {"digest"},
               {"mempool", true},
               {"peers", true}});
  for (const Answer& answer : answers) {
    const std::string id = std::to_string(answer.replica.value);
    if (!answer.status) {
      table.add({id, "down", "-", "-", "-", "-", "-", "-", "-"});
      continue;
    }
    const smr::Status& s = *answer.status;
    table.add({id, s.phase, std::to_string(s.view.value), std::to_string(s.leader.value),
               std::to_string(s.committed.value), std::to_string(s.executed.value),
               short_hex(s.state_digest), std::to_string(s.mempool_requests),
               fmt::format("{}/{}", s.peers_connected.size(), s.n - 1)});
  }
  table.print();
  for (const Answer& answer : answers) {
    if (!answer.why.empty()) {
      fmt::print("replica {} is down: {}\n", answer.replica.value, answer.why);
    }
  }
}

nlohmann::json to_json(const Answer& answer) {
  nlohmann::json json = {{"replica", answer.replica.value}, {"up", answer.status.has_value()}};
  if (!answer.status) {
    json["reason"] = answer.why;
    return json;
  }
  const smr::Status& s = *answer.status;
  nlohmann::json peers = nlohmann::json::array();
  for (const ReplicaId peer : s.peers_connected) peers.push_back(peer.value);
  json.update({{"version", s.version},
               {"phase", s.phase},
               {"view", s.view.value},
               {"leader", s.leader.value},
               {"height", s.committed.value},
               {"executed", s.executed.value},
               {"state_digest", to_hex(s.state_digest.view())},
               {"commands_executed", s.commands_executed},
               {"timeouts", s.timeouts},
               {"mempool_requests", s.mempool_requests},
               {"mempool_bytes", s.mempool_bytes},
               {"peers", std::move(peers)}});
  return json;
}

ExitCode status(const Cli& cli, const std::vector<std::uint32_t>& only) {
  const Network network = load_network(cli.cluster);
  const std::vector<Answer> answers = ask(cli, network, choose_replicas(network, only));
  const auto up = static_cast<std::uint32_t>(std::count_if(
      answers.begin(), answers.end(), [](const Answer& a) { return a.status.has_value(); }));
  const bool enough = up >= (only.empty() ? network.chain().quorum() : answers.size());
  const auto differing = disagreement(answers);
  if (cli.json) {
    nlohmann::json replicas = nlohmann::json::array();
    for (const Answer& answer : answers) replicas.push_back(to_json(answer));
    nlohmann::json json = {{"chain", to_hex(network.chain().chain_id.view())},
                           {"name", network.genesis.name},
                           {"replicas", std::move(replicas)},
                           {"states_agree", !differing}};
    if (only.empty()) json["quorum"] = enough;
    print_json(json);
  } else {
    print_table(answers);
    if (!enough && only.empty()) {
      fmt::print("{} of {} replicas answer, {} are needed to make progress\n", up,
                 network.chain().n(), network.chain().quorum());
    }
    if (differing) fmt::print("STATES DIFFER at height {}\n", *differing);
  }
  return enough && !differing ? kOk : kRefused;
}

}  // namespace

void add_status_command(CLI::App& app, Cli& cli) {
  CLI::App* command = app.add_subcommand(
      "status", "what every replica says of itself; exit code 0 if a quorum is up and agrees");
  const auto only = std::make_shared<std::vector<std::uint32_t>>();
  command->add_option("--replica", *only,
                      "ask only this one, may be repeated; exit code 0 if all that are asked "
                      "answer and agree");
  command->callback([&cli, only] { cli.run = [&cli, only] { return status(cli, *only); }; });
}

}  // namespace waggle::cli
