#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "smr/config/address.hpp"

/// What processes use, read from outside them.
namespace waggle::bench {

/// A replica that is measured; what is not known of it is not measured.
struct Replica {
  std::optional<pid_t> pid;                ///< If it runs on this machine.
  std::optional<config::Address> metrics;  ///< Its /metrics.
};

/// Of one process, since its start, from /proc.
struct ProcessUsage {
  std::uint64_t cpu_us = 0;
  std::uint64_t disk_bytes = 0;  ///< write_bytes of /proc/PID/io: what it caused to be written.
  std::uint64_t rss_bytes = 0;
  std::uint64_t rss_peak_bytes = 0;
  friend bool operator==(const ProcessUsage&, const ProcessUsage&) = default;
};
/// Nothing if the process is gone or may not be read.
std::optional<ProcessUsage> usage_of(pid_t pid);

/// Bytes on the wire, TLS included, as a replica counts them: what it sent to peers, and what it
/// sent to and received from clients. Summed over all replicas every byte counts once.
std::optional<std::uint64_t> wire_bytes_of(const config::Address& metrics);
/// The same from the text of /metrics.
std::optional<std::uint64_t> parse_wire_bytes(std::string_view metrics);

/// Of all replicas at one moment; nothing where a replica could not be read.
struct ClusterUsage {
  std::optional<std::uint64_t> cpu_us;
  std::optional<std::uint64_t> disk_bytes;
  std::optional<std::uint64_t> wire_bytes;
  std::vector<double> rss_mb;       ///< Now, of those that could be read; MB of 10^6 bytes.
  std::vector<double> rss_peak_mb;  ///< Highest so far.
};
ClusterUsage usage_of(const std::vector<Replica>& replicas);
/// Without asking the replicas for what only they know.
ClusterUsage process_usage_of(const std::vector<Replica>& replicas);

}  // namespace waggle::bench
