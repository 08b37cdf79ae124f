// waggle prove, verify, certificate: proofs from replicas, proofs judged without them, and what
// clients of a median chain hold.
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "crypto/sha256.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/bin/waggle/proof_report.hpp"
#include "smr/client/chain_file.hpp"

namespace waggle::cli {
namespace {

using certificate::Certificate;
using certificate::Fault;

struct Arguments {
  std::filesystem::path proof;
  std::filesystem::path genesis;
  std::string client;  ///< Hex; empty: the own key's.
  std::uint64_t number = 0;
  std::filesystem::path certificate;  ///< To prove by; empty: by the number.
};

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw Failure(kBadInput, path.string() + ": cannot be read");
  return bytes;
}

Certificate read_certificate(const std::filesystem::path& path) {
  auto certificate = certificate::decode_certificate(read_file(path));
  if (!certificate) throw Failure(kBadInput, path.string() + ": this is no certificate");
  return std::move(*certificate);
}

ClientId client_of(const Cli& cli, const Arguments& arguments) {
  if (arguments.client.empty()) return read_client_key(cli).public_key();
  const auto id = fixed_from_hex<ClientId>(arguments.client);
  if (!id) {
    throw Failure(kBadInput,
                  fmt::format("--client: a public key in hex, {} digits", 2 * ClientId::kSize));
  }
  return *id;
}

/// The certificate of a command of one's own, from the file beside the key.
Certificate own_certificate(const Cli& cli, const Network& network, std::uint64_t number) {
  const crypto::Sha256Hasher hasher;
  const auto file = client::ChainFile::open(chain_file_of(cli), network.chain().chain_id,
                                            read_client_key(cli).public_key(), hasher);
  if (!file) throw Failure(kBadInput, file.error());
  auto found = (*file)->certificate(number);
  if (!found) throw Failure(kBadInput, found.error());
  if (*found) return std::move(**found);
  throw Failure(kRefused, fmt::format("{}: no command is acknowledged under number {}",
                                      chain_file_of(cli).string(), number));
}

ExitCode prove(const Cli& cli, const Arguments& arguments) {
  const Network network = load_network(cli.cluster);
  std::optional<Certificate> certificate;
  if (!arguments.certificate.empty()) {
    require_median(network, "--certificate");
    certificate = read_certificate(arguments.certificate);
  } else if (network.genesis.median && arguments.client.empty()) {
    certificate = own_certificate(cli, network, arguments.number);
  }
  ProofFile file(arguments.proof);
  const auto client = open_reader(network);
  const auto fetched =
      (certificate ? client->prove(*certificate, cli.timeout())
                   : client->prove(client_of(cli, arguments), arguments.number, cli.timeout()))
          .get();
  if (!fetched) throw Failure(kRefused, fetched.error());
  file.write(*fetched->encoded);
  report_proven(cli, fetched->proven, network.chain().n(), fetched->encoded->size());
  return kOk;
}

ExitCode certificate(const Cli& cli, const Arguments& arguments) {
  const Network network = load_network(cli.cluster);
  require_median(network, "certificate");
  ProofFile file(arguments.proof);
  const Certificate found = own_certificate(cli, network, arguments.number);
  const Bytes encoded = encode(found);
  file.write(encoded);
  if (cli.json) {
    print_json({{"certificate", arguments.proof.string()},
                {"client", to_hex(found.client.view())},
                {"number", found.number},
                {"position", found.position},
                {"links", found.links.size()},
                {"bytes", encoded.size()}});
  } else {
    fmt::print("certificate of number {}: position {}, {} links, {} bytes in {}\n", found.number,
               found.position, found.links.size(), encoded.size(), arguments.proof.string());
  }
  return kOk;
}

ExitCode verify(const Cli& cli, const Arguments& arguments) {
  const crypto::Sha256Hasher hasher;
  const auto path = arguments.genesis.empty() ? cli.cluster / "genesis.toml" : arguments.genesis;
  const auto genesis = config::load_genesis(path, hasher);
  if (!genesis) throw Failure(kBadInput, genesis.error().to_string());
  const ChainConfig& chain = *genesis->chain;
  const Bytes proof = read_file(arguments.proof);
  if (certificate::decode_certificate(proof)) {
    throw Failure(kBadInput, arguments.proof.string() +
                                 ": a certificate, which servers judge: `waggle prove "
                                 "--certificate` makes a proof of it");
  }
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

void add_certificate_command(CLI::App& app, Cli& cli, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* hold = app.add_subcommand(
      "certificate", "of a median chain: what shows any server that a command is committed");
  hold->add_option("--number", arguments->number, "the number of one's own command")->required();
  hold->add_option("-o,--output", arguments->proof, "the file to write")->required();
  hold->callback(
      [&cli, arguments] { cli.run = [&cli, arguments] { return certificate(cli, *arguments); }; });
}

}  // namespace

void add_proof_commands(CLI::App& app, Cli& cli) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* ask = app.add_subcommand("prove", "fetch a proof that a command is committed");
  ask->add_option("--client", arguments->client, "the client's public key [that of --key]")
      ->type_name("HEX");
  CLI::Option* number =
      ask->add_option("--number", arguments->number, "the client's number for the command");
  CLI::Option* held = ask->add_option("--certificate", arguments->certificate,
                                      "of a median chain: a certificate of the command, anybody's")
                          ->type_name("FILE")
                          ->excludes(number);
  ask->add_option("-o,--output", arguments->proof, "the file to write")->required();
  ask->callback([&cli, arguments, number, held] {
    if (!*number && !*held) throw CLI::RequiredError("--number or --certificate");
    cli.run = [&cli, arguments] { return prove(cli, *arguments); };
  });
  add_certificate_command(app, cli, arguments);

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
