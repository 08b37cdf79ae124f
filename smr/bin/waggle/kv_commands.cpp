#include <chrono>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "smr/app/kv_command.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/kv_report.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/proof_report.hpp"

namespace waggle::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// What the arguments of all six commands are read into.
struct Arguments {
  std::string key;
  std::string value;
  std::optional<std::string> expected;
  bool absent = false;
  std::int64_t delta = 1;
  std::string after;
  std::uint32_t limit = 100;
  std::optional<std::uint32_t> local;
  std::filesystem::path proof;        ///< Where a proof goes; empty: none is asked for.
  std::filesystem::path certificate;  ///< The same, of the median rule.
};

std::chrono::microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

/// Fetches the proof for one's own command and writes it to the open file.
Saved save_proof(const Cli& cli, client::Client& client, const app::KvCommand& command,
                 std::uint64_t number, ProofFile& file) {
  const auto fetched = client.prove(client.id(), number, cli.timeout()).get();
  if (!fetched) return {"proof", file.path(), 0, fetched.error()};
  // Replicas executed this number once; if it was with another command, this key has two users.
  const Bytes& proven =
      std::visit([](const auto& one) -> const Bytes& { return one.command; }, fetched->proven);
  if (proven != encode(command)) {
    return {"proof", file.path(), 0, "another command has this number: is the key used elsewhere?"};
  }
  file.write(*fetched->encoded);
  return {"proof", file.path(), fetched->encoded->size(), ""};
}

/// The same for its certificate, as it is before the next command.
Saved save_certificate(client::Client& client, std::uint64_t number, ProofFile& file) {
  const auto certificate = client.certificate(number);
  if (!certificate) return {"certificate", file.path(), 0, certificate.error()};
  const Bytes encoded = encode(*certificate);
  file.write(encoded);
  return {"certificate", file.path(), encoded.size(), ""};
}

ExitCode execute(const Cli& cli, const app::KvCommand& command, const Arguments& arguments) {
  const Network network = load_network(cli.cluster);
  if (!arguments.certificate.empty()) require_median(network, "--certificate");
  std::optional<ProofFile> proof;  // opened first: a bad path is said before anything is done
  std::optional<ProofFile> certificate;
  if (!arguments.proof.empty()) proof.emplace(arguments.proof);
  if (!arguments.certificate.empty()) certificate.emplace(arguments.certificate);
  const auto client = open_client(cli, network);
  const auto start = Clock::now();
  const client::Outcome outcome = client->execute(encode(command), cli.timeout());
  const auto took = since(start);
  std::vector<Saved> saved;
  if (const auto* committed = std::get_if<client::Committed>(&outcome)) {
    const std::uint64_t number = committed->number;
    if (certificate) saved.push_back(save_certificate(*client, number, *certificate));
    if (proof) saved.push_back(save_proof(cli, *client, command, number, *proof));
  }
  return report(cli, command, outcome, took, saved);
}

ExitCode read_local(const Cli& cli, const app::KvCommand& query, std::uint32_t id) {
  const Network network = load_network(cli.cluster);
  const ReplicaId replica{id};
  if (!network.chain().has(replica)) {
    throw Failure(kBadInput,
                  fmt::format("--local {}: replicas are 0 .. {}", id, network.chain().n() - 1));
  }
  const auto client = open_reader(network);
  const auto start = Clock::now();
  const auto answer = client->local_read(replica, encode(query), cli.timeout()).get();
  if (answer) return report_local(cli, query, *answer, replica, since(start));
  const std::string why = client->connection_error(replica);
  throw Failure(kRefused, fmt::format("replica {} did not answer{}", id,
                                      why.empty() ? "" : " (" + why + ")"));
}

/// Adds a command that executes what `make` makes of the arguments.
template <class Make>
CLI::App* add(CLI::App& app, Cli& cli, const std::string& name, const std::string& about,
              const std::shared_ptr<Arguments>& arguments, Make make) {
  CLI::App* command = app.add_subcommand(name, about);
  command->callback([&cli, arguments, make] {
    cli.run = [&cli, arguments, make] {
      const app::KvCommand kv = make(*arguments);
      if (arguments->local) return read_local(cli, kv, *arguments->local);
      return execute(cli, kv, *arguments);
    };
  });
  command
      ->add_option("--proof", arguments->proof,
                   "write a proof that the command is committed into this file")
      ->type_name("FILE");
  command
      ->add_option("--certificate", arguments->certificate,
                   "of a median chain: write the command's certificate into this file")
      ->type_name("FILE");
  return command;
}

void add_local(CLI::App* command, Arguments& arguments) {
  command
      ->add_option("--local", arguments.local,
                   "ask this replica alone; faster, but the answer may be stale or a lie")
      ->excludes("--proof")
      ->excludes("--certificate")
      ->type_name("REPLICA");
}

void add_get(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* get = add(app, cli, "get", "the value of a key (sees all writes before it)", arguments,
                      [](const Arguments& a) { return app::KvGet{to_bytes(a.key)}; });
  get->add_option("KEY", arguments->key)->required();
  add_local(get, *arguments);
}

void add_put(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* put = add(app, cli, "put", "set a key to a value", arguments, [](const Arguments& a) {
    return app::KvPut{to_bytes(a.key), to_bytes(a.value)};
  });
  put->add_option("KEY", arguments->key)->required();
  put->add_option("VALUE", arguments->value)->required();
}

void add_delete(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* del = add(app, cli, "delete", "remove a key", arguments,
                      [](const Arguments& a) { return app::KvDelete{to_bytes(a.key)}; });
  del->add_option("KEY", arguments->key)->required();
}

void add_cas(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* cas = add(app, cli, "cas", "set a key to a value if it holds what is expected",
                      arguments, [](const Arguments& a) {
                        if (a.absent == a.expected.has_value()) {
                          throw Failure(kBadInput, "cas: name either --expect or --absent");
                        }
                        app::KvCas command{to_bytes(a.key), std::nullopt, to_bytes(a.value)};
                        if (a.expected) command.expected = to_bytes(*a.expected);
                        return command;
                      });
  cas->add_option("KEY", arguments->key)->required();
  cas->add_option("VALUE", arguments->value)->required();
  cas->add_option("--expect", arguments->expected, "the value that it must hold");
  cas->add_flag("--absent", arguments->absent, "it must not exist");
}

void add_incr(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* incr = add(app, cli, "incr", "add to a decimal number; a missing key counts as 0",
                       arguments, [](const Arguments& a) {
                         return app::KvIncrement{to_bytes(a.key), a.delta};
                       });
  incr->add_option("KEY", arguments->key)->required();
  incr->add_option("--by", arguments->delta, "how much; may be negative")->capture_default_str();
}

void add_scan(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* scan = add(app, cli, "scan", "the pairs whose keys begin with a prefix", arguments,
                       [](const Arguments& a) {
                         app::KvScan command{to_bytes(a.key), std::nullopt, a.limit};
                         if (!a.after.empty()) command.start_after = to_bytes(a.after);
                         return command;
                       });
  scan->add_option("PREFIX", arguments->key, "default: all keys");
  scan->add_option("--after", arguments->after, "only keys above this one");
  scan->add_option("--limit", arguments->limit, "pairs at most")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  add_local(scan, *arguments);
}

}  // namespace

void add_kv_commands(CLI::App& app, Cli& cli) {
  add_put(app, cli);
  add_get(app, cli);
  add_delete(app, cli);
  add_cas(app, cli);
  add_incr(app, cli);
  add_scan(app, cli);
}

}  // namespace waggle::cli
