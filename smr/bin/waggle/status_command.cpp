#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "smr/bin/waggle/answers.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/diagnosis.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"

namespace waggle::cli {
namespace {

/// A median chain has rounds and entries where the other has views and blocks, and no leader.
void print_table(const std::vector<Answer>& answers, bool median) {
  Table table({{"replica", true},
               {"phase"},
               {median ? "round" : "view", true},
               {"leader", true},
               {median ? "sealed" : "height", true},
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
    table.add({id, s.phase, std::to_string(s.view.value),
               median ? "-" : std::to_string(s.leader.value), std::to_string(s.committed.value),
               std::to_string(s.executed.value), short_hex(s.state_digest),
               std::to_string(s.mempool_requests),
               fmt::format("{}/{}", s.peers_connected.size(), s.n - 1)});
  }
  table.print();
}

void print(const std::vector<smr::Finding>& findings) {
  for (const smr::Finding& finding : findings) {
    fmt::print("{:<4}  {}\n", to_string(finding.level), finding.text);
  }
}

nlohmann::json to_json(const std::vector<smr::Finding>& findings) {
  nlohmann::json json = nlohmann::json::array();
  for (const smr::Finding& finding : findings) {
    json.push_back(
        {{"level", to_string(finding.level)}, {"code", finding.code}, {"text", finding.text}});
  }
  return json;
}

nlohmann::json to_json(const Answer& answer) {
  nlohmann::json json = {{"replica", answer.replica.value}, {"up", answer.status.has_value()}};
  if (!answer.status) {
    json["reason"] = answer.last_words.empty() ? answer.why : answer.last_words;
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
               {"peers", std::move(peers)},
               {"clock_ahead_ms", answer.clock_ahead.count()},
               {"disk_free", s.disk_size > 0 ? nlohmann::json(s.disk_free) : nlohmann::json()},
               {"findings", to_json(s.findings)}});
  return json;
}

ExitCode status(const Cli& cli, const std::vector<std::uint32_t>& only) {
  const Network network = load_network(cli.cluster);
  const std::vector<Answer> answers = ask(cli, network, choose_replicas(network, only));
  const auto up = static_cast<std::uint32_t>(std::count_if(
      answers.begin(), answers.end(), [](const Answer& a) { return a.status.has_value(); }));
  const bool enough = up >= (only.empty() ? needed(network.chain()) : answers.size());
  const std::vector<smr::Finding> findings = diagnose(network.chain(), answers);
  const bool agree = std::none_of(findings.begin(), findings.end(), [](const smr::Finding& one) {
    return one.code == "states_differ";
  });
  if (cli.json) {
    nlohmann::json replicas = nlohmann::json::array();
    for (const Answer& answer : answers) replicas.push_back(to_json(answer));
    nlohmann::json json = {{"chain", to_hex(network.chain().chain_id.view())},
                           {"name", network.genesis.name},
                           {"replicas", std::move(replicas)},
                           {"findings", to_json(findings)},
                           {"states_agree", agree}};
    if (only.empty()) json["quorum"] = enough;
    print_json(json);
  } else {
    print_table(answers, network.genesis.median.has_value());
    print(findings);
    print(own_words(answers));
  }
  return enough && agree ? kOk : kRefused;
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
