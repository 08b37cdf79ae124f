#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "smr/replica/environment.hpp"

namespace waggle::smr {

/// Which connections wait for a client's results: those over which its requests came. Bounded per
/// connection, per client and in all, some 50 MB; what came first is forgotten first. (A request
/// may overtake the news that its connection closed, so closed ones can linger until they are
/// pushed out.)
class ClientRoutes {
 public:
  static constexpr std::size_t kClientsPerConnection = 4096;  ///< Those of a gateway.
  static constexpr std::size_t kConnectionsPerClient = 16;
  static constexpr std::size_t kRoutes = 1 << 18;  ///< Pairs of a client and a connection.

  void add(const ClientId& client, ClientConnection connection);
  void close(ClientConnection connection);
  /// Nobody waits for this client any more.
  void forget(const ClientId& client);
  std::vector<ClientConnection> of(const ClientId& client) const;

 private:
  void forget(ClientId client, ClientConnection connection);
  void forget_oldest(ClientConnection but);

  std::map<ClientId, std::set<ClientConnection>> by_client_;  ///< Numbers of connections rise.
  std::map<ClientConnection, std::deque<ClientId>> by_connection_;  ///< What came first in front.
  std::size_t count_ = 0;
};

}  // namespace waggle::smr
