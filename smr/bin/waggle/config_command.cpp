#include <cstdio>

#include <CLI/CLI.hpp>

#include "crypto/key_file.hpp"
#include "crypto/sha256.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/config_check.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/config/cluster.hpp"
#include "smr/config/document.hpp"
#include "smr/config/genesis.hpp"
#include "smr/config/replica.hpp"

namespace waggle::cli {
namespace {

namespace fs = std::filesystem;

template <class T>
T need(config::Loaded<T> loaded) {
  if (!loaded) throw Failure(kBadInput, loaded.error().to_string());
  return std::move(*loaded);
}

void need_key(const fs::path& file, crypto::KeyKind kind, const PublicKey& expected,
              const std::string& named_by) {
  const auto key = crypto::read_key_file(file, kind);
  if (!key) throw Failure(kBadInput, key.error().text);
  if (key->public_key() == expected) return;
  throw Failure(kBadInput, file.string() + ": not the key that " + named_by + " names");
}

}  // namespace

std::string check_replica_files(const std::string& file) {
  const auto settings = need(config::load_replica(file));
  const auto genesis = need(config::load_genesis(settings.genesis, crypto::Sha256Hasher()));
  const auto cluster =
      need(config::load_cluster(settings.cluster, *genesis.chain, crypto::Ed25519Verifier()));
  const auto checked = config::check_replica(settings, *genesis.chain);
  if (!checked) throw Failure(kBadInput, checked.error().to_string());
  const std::uint32_t id = settings.replica.value;
  need_key(settings.consensus_key_file, crypto::KeyKind::kConsensus,
           genesis.chain->key(settings.replica), settings.genesis.string());
  need_key(settings.tls_key_file, crypto::KeyKind::kTls, cluster.members[id].tls_key,
           settings.cluster.string());
  return "replica " + std::to_string(id) + " of chain " + genesis.name;
}

namespace {

std::string check_cluster(const std::string& file, fs::path genesis_file) {
  if (genesis_file.empty()) genesis_file = fs::path(file).parent_path() / "genesis.toml";
  const auto genesis = need(config::load_genesis(genesis_file, crypto::Sha256Hasher()));
  const auto cluster = need(config::load_cluster(file, *genesis.chain, crypto::Ed25519Verifier()));
  return "cluster of " + std::to_string(cluster.members.size()) + " replicas, bindings verified";
}

/// What kind of file it is shows in what only that kind has.
std::string check(const std::string& file, const fs::path& genesis_file) {
  const std::string text = need(config::read_file(file));
  const config::Table table = need(config::parse_toml(text, file));
  const auto chain = table.entries.find("chain");
  if (chain == table.entries.end()) return check_replica_files(file);
  if (std::holds_alternative<std::string>(chain->second.data)) {
    return check_cluster(file, genesis_file);
  }
  const auto genesis = need(config::load_genesis(file, crypto::Sha256Hasher()));
  const std::string about = "genesis of chain " + genesis.name + ", " +
                            std::to_string(genesis.chain->n()) + " replicas, ";
  if (!genesis.median) return about + "tolerates " + std::to_string(genesis.chain->f());
  return about + std::to_string(genesis.median->parameters.majority()) + " seal, none may lie";
}

}  // namespace

void add_config_command(CLI::App& app, Cli& cli) {
  struct Options {
    std::string file;
    fs::path genesis;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* config = app.add_subcommand("config", "look at configuration files");
  config->require_subcommand(1);
  config->fallthrough();
  CLI::App* command =
      config->add_subcommand("check", "check a genesis.toml, cluster.toml or waggled.toml");
  command->add_option("FILE", options->file, "the file; what it names is checked too")->required();
  command->add_option("--genesis", options->genesis,
                      "for a cluster.toml: its genesis file [genesis.toml beside it]");
  command->callback([&cli, options] {
    cli.run = [&cli, options] {
      const std::string what = check(options->file, options->genesis);
      if (cli.json)
        print_json({{"file", options->file}, {"ok", true}, {"what", what}});
      else
        std::printf("ok  %s: %s\n", options->file.c_str(), what.c_str());
      return kOk;
    };
  });
}

}  // namespace waggle::cli
