#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "smr/certificate/client_chains.hpp"
#include "smr/certificate/server_chains.hpp"

namespace waggle::sim::rounds {

/// Clients that keep certificates of what they were told (section 6).
class Holders {
 public:
  explicit Holders(const Hasher& hasher) : hasher_(hasher) {}

  /// A server with these chains tells the client that this command is committed. False: its answer
  /// says something else, or contradicts what the client holds.
  bool acknowledge(std::uint32_t client, std::uint64_t number,
                   const certificate::ServerChains& chains);

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(clients_.size()); }
  /// Numbers of the client that were acknowledged; they rise.
  std::span<const std::uint64_t> acknowledged(std::uint32_t client) const {
    return clients_[client].acknowledged;
  }
  /// For a server that has committed `count` entries; the command is one of these.
  certificate::Certificate certificate(std::uint32_t client, std::uint64_t number,
                                       std::uint64_t count) const;
  std::size_t nodes(std::uint32_t client) const { return clients_[client].chains.nodes(); }

 private:
  struct Client {
    certificate::ClientChains chains;
    std::vector<std::uint64_t> acknowledged;
  };

  const Hasher& hasher_;
  std::vector<Client> clients_;
};

}  // namespace waggle::sim::rounds
