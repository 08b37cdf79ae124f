#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace waggle::cli {

enum class PortUse : std::uint8_t {
  kFree,
  kTaken,    ///< Something listens there.
  kUnknown,  ///< A name, or no address of this machine.
};
/// `host`: IPv4 or IPv6 in digits.
PortUse port_use(const std::string& host, std::uint16_t port);

/// The first block of ports for a network on this machine (config::TestnetPorts), from `from` on
/// and in steps of 100, none of which is in use right now; below the range from which the kernel
/// takes ports for outgoing connections.
std::optional<std::uint16_t> find_base_port(std::uint32_t replicas, std::uint16_t from);

}  // namespace waggle::cli
