#include "smr/replica/client_routes.hpp"

#include <algorithm>

namespace waggle::smr {

void ClientRoutes::add(const ClientId& client, ClientConnection connection) {
  std::set<ClientConnection>& routes = by_client_[client];
  if (!routes.insert(connection).second) return;
  std::vector<ClientId>& clients = by_connection_[connection];
  clients.push_back(client);
  if (routes.size() > kConnectionsPerClient) forget(client, *routes.begin());
  if (clients.size() > kClientsPerConnection) forget(clients.front(), connection);
  if (by_connection_.size() > kConnections) close(by_connection_.begin()->first);
}

void ClientRoutes::forget(ClientId client, ClientConnection connection) {
  const auto routes = by_client_.find(client);
  if (routes != by_client_.end()) {
    routes->second.erase(connection);
    if (routes->second.empty()) by_client_.erase(routes);
  }
  const auto clients = by_connection_.find(connection);
  if (clients == by_connection_.end()) return;
  std::erase(clients->second, client);
  if (clients->second.empty()) by_connection_.erase(clients);
}

void ClientRoutes::close(ClientConnection connection) {
  const auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) return;
  const std::vector<ClientId> clients = found->second;
  for (const ClientId& client : clients) forget(client, connection);
}

std::vector<ClientConnection> ClientRoutes::of(const ClientId& client) const {
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace waggle::smr
