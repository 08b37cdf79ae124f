#include "smr/bin/waggle/ports.hpp"

#include <cerrno>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smr/config/testnet.hpp"

namespace waggle::cli {
namespace {

bool is_free(std::uint16_t port) { return port_use("127.0.0.1", port) != PortUse::kTaken; }

}  // namespace

PortUse port_use(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return PortUse::kUnknown;
  }
  PortUse use = PortUse::kUnknown;
  const int socket_fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd >= 0) {
    const int yes = 1;
    setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(socket_fd, found->ai_addr, found->ai_addrlen) == 0) {
      use = PortUse::kFree;
    } else if (errno == EADDRINUSE) {
      use = PortUse::kTaken;
    }
    close(socket_fd);
  }
  freeaddrinfo(found);
  return use;
}

std::optional<std::uint16_t> find_base_port(std::uint32_t replicas, std::uint16_t from) {
  for (std::uint16_t base = from; base + 10 * replicas < 32768; base += 100) {
    const config::TestnetPorts ports{base};
    bool all_free = true;
    for (std::uint32_t i = 0; i < replicas && all_free; ++i) {
      all_free = is_free(ports.peer(i)) && is_free(ports.client(i)) && is_free(ports.metrics(i));
    }
    if (all_free) return base;
  }
  return std::nullopt;
}

}  // namespace waggle::cli
