#include "smr/replica/client_routes.hpp"

#include <algorithm>

namespace waggle::smr {

void ClientRoutes::add(const ClientId& client, ClientConnection connection) {
  if (!by_client_[client].insert(connection).second) return;
  std::vector<ClientId>& clients = by_connection_[connection];
  clients.push_back(client);
  if (clients.size() <= kClientsPerConnection) return;
  const ClientId oldest = clients.front();
  clients.erase(clients.begin());
  const auto found = by_client_.find(oldest);
  found->second.erase(connection);
  if (found->second.empty()) by_client_.erase(found);
}

void ClientRoutes::close(ClientConnection connection) {
  const auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) return;
  for (const ClientId& client : found->second) {
    const auto routes = by_client_.find(client);
    routes->second.erase(connection);
    if (routes->second.empty()) by_client_.erase(routes);
  }
  by_connection_.erase(found);
}

std::vector<ClientConnection> ClientRoutes::of(const ClientId& client) const {
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace waggle::smr
