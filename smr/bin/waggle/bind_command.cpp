#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "crypto/ed25519.hpp"
#include "crypto/key_file.hpp"
#include "crypto/sha256.hpp"
#include "crypto/tls_binding.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/config/genesis.hpp"

namespace waggle::cli {
namespace {

namespace fs = std::filesystem;

crypto::KeyPair read_key(const fs::path& file, crypto::KeyKind kind) {
  auto key = crypto::read_key_file(file, kind);
  if (!key) throw Failure(kBadInput, key.error().text);
  return std::move(*key);
}

ReplicaId replica_of(const PublicKey& consensus, const ChainConfig& chain, const fs::path& key_file,
                     const fs::path& genesis_file) {
  const auto& keys = chain.replica_keys;
  const auto found = std::find(keys.begin(), keys.end(), consensus);
  if (found != keys.end()) return ReplicaId{static_cast<std::uint32_t>(found - keys.begin())};
  throw Failure(kBadInput, key_file.string() + ": " + genesis_file.string() +
                               " lists no replica with this key, " + to_hex(consensus.view()));
}

/// Prints what cluster.toml says of a replica's TLS key.
ExitCode bind(const Cli& cli, const fs::path& consensus_file, const fs::path& tls_file,
              fs::path genesis_file) {
  if (genesis_file.empty()) genesis_file = cli.cluster / "genesis.toml";
  const auto genesis = config::load_genesis(genesis_file.string(), crypto::Sha256Hasher());
  if (!genesis) throw Failure(kBadInput, genesis.error().to_string());
  const ChainConfig& chain = *genesis->chain;
  const crypto::Ed25519Signer consensus(read_key(consensus_file, crypto::KeyKind::kConsensus));
  const PublicKey tls_key = read_key(tls_file, crypto::KeyKind::kTls).public_key();
  const ReplicaId replica = replica_of(consensus.public_key(), chain, consensus_file, genesis_file);
  const std::string binding =
      to_hex(crypto::sign_tls_binding(consensus, chain.chain_id, replica, tls_key).view());
  if (cli.json) {
    print_json({{"chain", to_hex(chain.chain_id.view())},
                {"replica", replica.value},
                {"tls_key", to_hex(tls_key.view())},
                {"tls_binding", binding}});
  } else {
    std::printf("id = %u\ntls_key = \"%s\"\ntls_binding = \"%s\"\n", replica.value,
                to_hex(tls_key.view()).c_str(), binding.c_str());
  }
  return kOk;
}

}  // namespace

void add_bind_command(CLI::App& app, Cli& cli) {
  struct Options {
    fs::path consensus;
    fs::path tls;
    fs::path genesis;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "bind", "sign a replica's TLS key with its consensus key, for cluster.toml");
  command->add_option("CONSENSUS_KEY", options->consensus, "the replica's consensus key file")
      ->required();
  command->add_option("TLS_KEY", options->tls, "its TLS key file")->required();
  command->add_option("--genesis", options->genesis,
                      "the chain that the signature holds for [genesis.toml in the cluster's "
                      "folder]");
  command->callback([&cli, options] {
    cli.run = [&cli, options] {
      return bind(cli, options->consensus, options->tls, options->genesis);
    };
  });
}

}  // namespace waggle::cli
