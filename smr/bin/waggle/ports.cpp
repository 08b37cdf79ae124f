#include "smr/bin/waggle/ports.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smr/config/testnet.hpp"

namespace waggle::cli {
namespace {

bool is_free(std::uint16_t port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return true;
  const int yes = 1;
  setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(socket_fd);
  return free;
}

}  // namespace

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
