#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waggle::config {

/// Where a socket listens or connects: a host name or IP address, and a port.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  /// host:port, an IPv6 address in brackets.
  std::string to_string() const;
  friend bool operator==(const Address&, const Address&) = default;
};

/// Reads host:port or [ipv6]:port; the port is 1 .. 65535.
std::optional<Address> parse_address(std::string_view text);

}  // namespace waggle::config
