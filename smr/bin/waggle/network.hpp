#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "crypto/ed25519.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/client/client.hpp"
#include "smr/config/cluster.hpp"
#include "smr/config/genesis.hpp"

namespace waggle::cli {

/// The public files of a network.
struct Network {
  config::Genesis genesis;
  config::Cluster cluster;

  const ChainConfig& chain() const { return *genesis.chain; }
};

/// Reads genesis.toml and cluster.toml in the folder. Throws Failure.
Network load_network(const std::filesystem::path& folder);
/// Where a client of the network connects to, without a key.
client::ClientOptions client_options(const Network& network);

/// The replicas of `--replica`, or all if there are none. Throws Failure for one that is not there.
std::vector<std::uint32_t> choose_replicas(const Network& network,
                                           const std::vector<std::uint32_t>& only);

/// The number file that belongs to a key file: client.numbers beside client.key.
std::filesystem::path number_file_of(const std::filesystem::path& key_file);

/// What keeps its commands' certificates, of a median chain: client.chains beside client.key.
std::filesystem::path chain_file_of(const Cli& cli);
/// Throws Failure unless it is a median chain: `what` is for those only.
void require_median(const Network& network, const std::string& what);

/// The client key that the command line names. Throws Failure.
crypto::KeyPair read_client_key(const Cli& cli);

/// A client that signs with the key of the command line. Throws Failure.
/// Puts up to `batch` commands into one request.
std::unique_ptr<client::Client> open_client(const Cli& cli, const Network& network,
                                            std::size_t batch = 64);
/// A client that only asks single replicas.
std::unique_ptr<client::Client> open_reader(const Network& network);

}  // namespace waggle::cli
