#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "consensus/chained/pacemaker_config.hpp"
#include "consensus/core/chain_config.hpp"
#include "smr/config/address.hpp"
#include "smr/config/error.hpp"

/// waggled.toml: one replica's own settings. Paths are relative to the file. Everything but the
/// first six keys may be left out.
///
///     genesis, cluster, replica, consensus_key_file, tls_key_file, data_dir
///     peer_listen, client_listen, metrics_listen, verify_threads
///     [log]        level, format
///     [pacemaker]  view_timeout_ms, timeout_max_ms, grace_ms, unreachable_timeout_ms,
///                  per_suffix_block_ms, heartbeat_ms, fetch_retry_ms, rejoin_retry_ms
///     [mempool]    requests_max, bytes_max, client_requests_max, client_bytes_max, forward_ms
namespace waggle::config {

enum class LogFormat : std::uint8_t { kLogfmt, kJson };

struct LogSettings {
  std::string level = "info";  ///< debug, info, warn, error.
  LogFormat format = LogFormat::kLogfmt;
};

/// Bounds of what waits to be proposed; of one replica's own.
struct MempoolSettings {
  std::uint32_t requests_max = 10'000;
  std::uint64_t bytes_max = 64 << 20;
  std::uint32_t client_requests_max = 512;                 ///< Of one client.
  std::uint64_t client_bytes_max = 4 << 20;                ///< Of one client.
  Duration forward_after = std::chrono::milliseconds(50);  ///< Then other replicas get it too.
};

struct ReplicaSettings {
  std::filesystem::path genesis;
  std::filesystem::path cluster;
  ReplicaId replica;
  std::filesystem::path consensus_key_file;
  std::filesystem::path tls_key_file;
  std::filesystem::path data_dir;
  std::optional<Address> peer_listen;     ///< Default: the address in cluster.toml.
  std::optional<Address> client_listen;   ///< Default: the address in cluster.toml.
  std::optional<Address> metrics_listen;  ///< Default: no metrics endpoint.
  std::uint32_t verify_threads = 0;       ///< 0: one per core, at most 8.
  LogSettings log;
  chained::PacemakerConfig pacemaker;
  MempoolSettings mempool;

  /// By key, "data_dir" or "mempool.bytes_max": of every key that names something outside of the
  /// file, or is checked against it. The file alone, for settings that were not read.
  Origin origin(std::string_view key) const;
  std::map<std::string, Origin, std::less<>> origins;
};

/// Reads the file; the files that it names are not opened.
Loaded<ReplicaSettings> load_replica(const std::string& file);
/// The same from text; `file` says what paths are relative to, and is named in errors.
Loaded<ReplicaSettings> parse_replica(std::string_view text, const std::string& file);
/// What only the genesis file can tell: the replica is one of the chain's, and the mempool has room
/// for every request that the chain allows.
Loaded<void> check_replica(const ReplicaSettings& settings, const ChainConfig& chain);

}  // namespace waggle::config
