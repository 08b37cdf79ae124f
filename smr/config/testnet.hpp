#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "smr/config/error.hpp"
#include "smr/config/genesis.hpp"

/// A new network, on one machine for trying things out or on one host per replica:
///
///     DIR/genesis.toml  DIR/cluster.toml  DIR/client.key
///     DIR/replica-N/    waggled.toml, consensus.key, tls.key, data/FRESH
///
/// The marker data/FRESH tells waggled that the replica never ran, so that an empty data folder is
/// not taken for a lost one. waggled removes it when it has made its database.
namespace waggle::config {

/// Name of the marker inside a data folder.
inline constexpr const char* kFreshMarker = "FRESH";

struct TestnetOptions {
  std::filesystem::path folder;
  std::string name = "testnet";
  std::uint32_t replicas = 4;      ///< 1 .. kTestnetReplicasMax.
  std::uint16_t base_port = 7400;  ///< See TestnetPorts.
  std::vector<std::string> hosts;  ///< One name or IPv4 address per replica; empty: all here.
  bool open_clients = true;        ///< Any key may submit; otherwise only client.key.
  /// limits.payload_bytes_max; what it has no room for is lowered with it. At least 2 KiB.
  std::uint32_t block_bytes_max = 1 << 20;
  std::optional<MedianGenesis> median;  ///< A median chain; n has to be `replicas`.
};

/// What a new median chain of so many servers gets that begins at `start_ms`.
MedianGenesis median_defaults(std::uint32_t replicas, std::uint64_t start_ms);

inline constexpr std::uint32_t kTestnetReplicasMax = 100;

/// Ten ports per replica, of which three are used: base + 10 N for peers, + 1 for clients, + 2 for
/// metrics. On hosts of their own all replicas have the ports of replica 0.
struct TestnetPorts {
  std::uint16_t base_port = 0;
  std::uint16_t peer(std::uint32_t replica) const { return at(replica, 0); }
  std::uint16_t client(std::uint32_t replica) const { return at(replica, 1); }
  std::uint16_t metrics(std::uint32_t replica) const { return at(replica, 2); }

 private:
  std::uint16_t at(std::uint32_t replica, std::uint32_t use) const {
    return static_cast<std::uint16_t>(base_port + 10 * replica + use);
  }
};

/// Makes the folder with new keys. All or nothing: it appears under its name when it is complete.
/// Refuses a folder that exists and is not empty.
Loaded<void> create_testnet(const TestnetOptions& options);

}  // namespace waggle::config
