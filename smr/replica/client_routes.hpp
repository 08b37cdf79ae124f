#pragma once

#include <map>
#include <set>
#include <vector>

#include "smr/replica/environment.hpp"

namespace waggle::smr {

/// Which connections wait for a client's results: those over which its requests came. Bounded per
/// connection; a connection that speaks for more clients forgets the one it named first.
class ClientRoutes {
 public:
  static constexpr std::size_t kClientsPerConnection = 64;

  void add(const ClientId& client, ClientConnection connection);
  void close(ClientConnection connection);
  std::vector<ClientConnection> of(const ClientId& client) const;

 private:
  std::map<ClientId, std::set<ClientConnection>> by_client_;
  std::map<ClientConnection, std::vector<ClientId>> by_connection_;
};

}  // namespace waggle::smr
