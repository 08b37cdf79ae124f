#pragma once

#include <cstdint>
#include <string>

namespace waggle::net {

/// Where to listen or whom to dial: a name or a numeric address, and a TCP port.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;  ///< To listen: 0 lets the operating system choose.

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace waggle::net
