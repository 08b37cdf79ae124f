#include "smr/replica/client_routes.hpp"

#include <algorithm>
#include <iterator>

namespace waggle::smr {

void ClientRoutes::add(const ClientId& client, ClientConnection connection) {
  if (!by_client_[client].insert(connection).second) return;
  by_connection_[connection].push_back(client);
  ++count_;
  // The oldest make room, but not `connection`, however old: it waits for an answer now.
  const std::set<ClientConnection>& routes = by_client_.at(client);
  if (routes.size() > kConnectionsPerClient) {
    const auto first = routes.begin();
    forget(client, *first == connection ? *std::next(first) : *first);
  }
  const std::deque<ClientId>& clients = by_connection_.at(connection);
  if (clients.size() > kClientsPerConnection) forget(clients.front(), connection);
  if (count_ > kRoutes) forget_oldest(connection);
}

void ClientRoutes::forget_oldest(ClientConnection but) {
  const auto first = by_connection_.begin();
  const auto& [connection, clients] = first->first == but ? *std::next(first) : *first;
  forget(clients.front(), connection);
}

void ClientRoutes::forget(ClientId client, ClientConnection connection) {
  const auto routes = by_client_.find(client);
  if (routes == by_client_.end() || routes->second.erase(connection) == 0) return;
  --count_;
  if (routes->second.empty()) by_client_.erase(routes);
  const auto clients = by_connection_.find(connection);
  if (clients->second.front() == client) {
    clients->second.pop_front();  // as always when there are too many
  } else {
    std::erase(clients->second, client);
  }
  if (clients->second.empty()) by_connection_.erase(clients);
}

void ClientRoutes::close(ClientConnection connection) {
  const auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) return;
  const std::deque<ClientId> clients = found->second;
  for (const ClientId& client : clients) forget(client, connection);
}

void ClientRoutes::forget(const ClientId& client) {
  for (const ClientConnection connection : of(client)) forget(client, connection);
}

std::vector<ClientConnection> ClientRoutes::of(const ClientId& client) const {
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace waggle::smr
