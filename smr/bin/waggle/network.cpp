#include "smr/bin/waggle/network.hpp"

#include <fmt/format.h>

#include "crypto/key_file.hpp"
#include "crypto/sha256.hpp"

namespace waggle::cli {
namespace {

std::filesystem::path key_file_of(const Cli& cli) {
  return cli.key.empty() ? cli.cluster / "client.key" : cli.key;
}

std::unique_ptr<client::Client> open(client::ClientOptions options) {
  auto opened = client::Client::open(std::move(options));
  if (!opened) throw Failure(kBadInput, opened.error());
  return std::move(*opened);
}

}  // namespace

client::ClientOptions client_options(const Network& network) {
  client::ClientOptions options;
  options.chain_id = network.chain().chain_id;
  options.limits = network.chain().limits;
  options.chain = network.genesis.chain;
  if (const auto& median = network.genesis.median) {
    // Until an entry is old enough, half a window and the one in which it is sealed.
    const std::uint64_t rounds = median->parameters.T + 3 * median->parameters.B / 2 + 2;
    options.answer_expected = std::chrono::milliseconds(rounds * median->round_ms);
  }
  for (const config::ClusterMember& member : network.cluster.members) {
    const config::Address& address = member.client_address;
    options.replicas.push_back({{address.host, address.port}, member.tls_key});
  }
  return options;
}

Network load_network(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "genesis.toml")) {
    throw Failure(kBadInput, folder.string() +
                                 ": no network here; name its folder with --cluster, or make one "
                                 "with `waggle testnet init`");
  }
  auto genesis = config::load_genesis(folder / "genesis.toml", crypto::Sha256Hasher());
  if (!genesis) throw Failure(kBadInput, genesis.error().to_string());
  auto cluster =
      config::load_cluster(folder / "cluster.toml", *genesis->chain, crypto::Ed25519Verifier());
  if (!cluster) throw Failure(kBadInput, cluster.error().to_string());
  return {std::move(*genesis), std::move(*cluster)};
}

std::vector<std::uint32_t> choose_replicas(const Network& network,
                                           const std::vector<std::uint32_t>& only) {
  std::vector<std::uint32_t> replicas = only;
  for (const std::uint32_t id : replicas) {
    if (network.chain().has(ReplicaId{id})) continue;
    throw Failure(kBadInput,
                  fmt::format("--replica {}: replicas are 0 .. {}", id, network.chain().n() - 1));
  }
  for (std::uint32_t i = 0; only.empty() && i < network.chain().n(); ++i) replicas.push_back(i);
  return replicas;
}

std::filesystem::path number_file_of(const std::filesystem::path& key_file) {
  return std::filesystem::path(key_file).replace_extension(".numbers");
}

std::filesystem::path chain_file_of(const Cli& cli) {
  return key_file_of(cli).replace_extension(".chains");
}

void require_median(const Network& network, const std::string& what) {
  if (network.genesis.median) return;
  throw Failure(kBadInput, what + ": chain " + network.genesis.name +
                               " runs pBeeGees, which has proofs and no certificates");
}

crypto::KeyPair read_client_key(const Cli& cli) {
  auto key = crypto::read_key_file(key_file_of(cli), crypto::KeyKind::kClient);
  if (!key) throw Failure(kBadInput, key.error().text);
  return std::move(*key);
}

std::unique_ptr<client::Client> open_client(const Cli& cli, const Network& network,
                                            std::size_t batch) {
  const auto key_file = key_file_of(cli);
  client::ClientOptions options = client_options(network);
  options.key = std::make_shared<crypto::Ed25519Signer>(read_client_key(cli));
  options.batching.commands_max = static_cast<std::uint32_t>(batch);
  options.number_file = number_file_of(key_file);
  options.chain_file = chain_file_of(cli);
  return open(std::move(options));
}

std::unique_ptr<client::Client> open_reader(const Network& network) {
  return open(client_options(network));
}

}  // namespace waggle::cli
