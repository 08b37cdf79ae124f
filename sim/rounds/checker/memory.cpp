#include "sim/rounds/checker/memory.hpp"

#include <bit>

namespace waggle::sim::rounds {
namespace {

constexpr std::uint64_t kWindowsKept = 4;  ///< Of which a server keeps what is signed.
constexpr std::uint64_t kNodeBytes = 33;   ///< Of a forest's node, encoded.
constexpr std::uint64_t kClientBytes = 80;

std::uint64_t levels(std::uint64_t length) {
  return static_cast<std::uint64_t>(std::bit_width(length));
}

}  // namespace

void MemoryChecker::on_server(std::uint64_t round, std::uint32_t server, const Footprint& held,
                              std::uint64_t submitted, std::uint64_t taken) {
  const auto above = [&](const char* what, std::uint64_t value, std::uint64_t bound) {
    if (value <= bound) return;
    complain(round, "server " + std::to_string(server) + " holds " + std::to_string(value) + " " +
                        what + ", and " + std::to_string(bound) + " are enough");
  };
  above("entries in its log", held.log, submitted - taken);
  above("entries in its lock", held.lock, held.log);
  above("certificates", held.certificates, kWindowsKept + held.lock);
  above("PREs of a window", held.pres, n_);
  // Of each client two paths, each level with an inner node and a sibling; then the roots.
  const std::uint64_t paths = 2 * held.clients * levels(held.length) * (kNodeBytes + 1);
  const std::uint64_t roots = (levels(held.length) + 2) * kNodeBytes;
  above("bytes of chains", held.chain_bytes, held.clients * kClientBytes + paths + roots);
}

void MemoryChecker::on_client(std::uint64_t round, std::uint32_t client, std::uint64_t commands,
                              std::uint64_t nodes, std::uint64_t length) {
  const std::uint64_t bound = commands * (2 * levels(length) + 1);
  if (nodes <= bound) return;
  complain(round, "client " + std::to_string(client) + " holds " + std::to_string(nodes) +
                      " nodes for " + std::to_string(commands) + " commands, and " +
                      std::to_string(bound) + " are enough");
}

}  // namespace waggle::sim::rounds
