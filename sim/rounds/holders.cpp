#include "sim/rounds/holders.hpp"

#include "consensus/core/request.hpp"
#include "sim/rounds/clients.hpp"

namespace waggle::sim::rounds {

bool Holders::acknowledge(std::uint32_t client, std::uint64_t number,
                          const certificate::ServerChains& chains) {
  while (clients_.size() <= client) {
    clients_.push_back({certificate::ClientChains(client_id(size())), {}});
  }
  Client& told = clients_[client];
  const auto answer = chains.acknowledgement(client_id(client));
  if (!answer || answer->newest.number != number) return false;
  const Digest leaf =
      command_leaf(client_id(client), number, command_bytes(client, number, 0), hasher_);
  if (!told.chains.acknowledge(*answer, leaf, hasher_)) return false;
  told.acknowledged.push_back(number);
  return true;
}

certificate::Certificate Holders::certificate(std::uint32_t client, std::uint64_t number,
                                              std::uint64_t count) const {
  return *clients_[client].chains.certificate(number, command_bytes(client, number, 0), count);
}

}  // namespace waggle::sim::rounds
