// waggle prove, waggle verify: commit proofs from replicas, and proofs judged without them.
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "crypto/sha256.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/bin/waggle/proof_report.hpp"

namespace waggle::cli {
namespace {

using certificate::Fault;

struct Arguments {
  std::filesystem::path proof;
  std::filesystem::path genesis;
  std::string client;  ///< Hex; empty: the own key's.
  std::uint64_t number = 0;
};

ClientId client_of(const Cli& cli, const Arguments& arguments) {
  if (arguments.client.empty()) return read_client_key(cli).public_key();
  const auto id = fixed_from_hex<ClientId>(arguments.client);
  if (!id) {
    throw Failure(kBadInput,
                  fmt::format("--client: a public key in hex, {} digits", 2 * ClientId::kSize));
  }
  return *id;
}

ExitCode prove(const Cli& cli, const Arguments& arguments) {
  const Network network = load_network(cli.cluster);
  const ClientId id = client_of(cli, arguments);
  ProofFile file(arguments.proof);
  const auto client = open_reader(network);
  const auto fetched = client->prove(id, arguments.number, cli.timeout()).get();
  if (!fetched) throw Failure(kRefused, fetched.error());
  file.write(*fetched->encoded);
  report_proven(cli, fetched->proven, network.chain().n(), fetched->encoded->size());
  return kOk;
}

Bytes read_proof(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw Failure(kBadInput, path.string() + ": cannot be read");
  return bytes;
}

ExitCode verify(const Cli& cli, const Arguments& arguments) {
  const crypto::Sha256Hasher hasher;
  const auto path = arguments.genesis.empty() ? cli.cluster / "genesis.toml" : arguments.genesis;
  const auto genesis = config::load_genesis(path, hasher);
  if (!genesis) throw Failure(kBadInput, genesis.error().to_string());
  const ChainConfig& chain = *genesis->chain;
  const Bytes proof = read_proof(arguments.proof);
  const auto verdict = certificate::verify_proof(proof, chain, crypto::Ed25519Verifier(), hasher);
  if (verdict) {
    report_proven(cli, *verdict, chain.n(), proof.size());
    return kOk;
  }
  const std::string why(describe(verdict.error()));
  if (verdict.error() == Fault::kMalformed || verdict.error() == Fault::kVersion) {
    throw Failure(kBadInput, arguments.proof.string() + ": " + why);
  }
  if (cli.json) {
    print_json({{"valid", false}, {"reason", to_string(verdict.error())}, {"about", why}});
  } else {
    fmt::print("{:<11} {}\n{:<11} {}\n", "invalid", why, "reason", to_string(verdict.error()));
  }
  return kRefused;
}

}  // namespace

void add_proof_commands(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* ask = app.add_subcommand("prove", "fetch a proof that a command is committed");
  ask->add_option("--client", arguments->client, "the client's public key [that of --key]")
      ->type_name("HEX");
  ask->add_option("--number", arguments->number, "the client's number for the command")->required();
  ask->add_option("-o,--output", arguments->proof, "the file to write")->required();
  ask->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return prove(cli, *arguments); }; });

  CLI::App* judge = app.add_subcommand("verify", "judge a proof, with no network");
  judge->footer(
      "Exit codes: 0 the proof is valid, 1 it is not, 2 it, or the genesis file, is unreadable.");
  judge->add_option("PROOF", arguments->proof, "the file with the proof")->required();
  judge->add_option("--genesis", arguments->genesis,
                    "the chain's genesis file [genesis.toml in the cluster's folder]");
  judge->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return verify(cli, *arguments); }; });
}

}  // namespace waggle::cli
