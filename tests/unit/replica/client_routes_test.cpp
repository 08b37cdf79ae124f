#include "smr/replica/client_routes.hpp"

#include <gtest/gtest.h>

#include "tests/unit/replica/requests.hpp"

namespace waggle::smr {
namespace {

using Connections = std::vector<ClientConnection>;

ClientId numbered(std::size_t number) {
  ClientId client;
  client.bytes[0] = static_cast<std::uint8_t>(number);
  client.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  client.bytes[2] = static_cast<std::uint8_t>(number >> 16);
  return client;
}

TEST(ClientRoutes, KnowsEveryConnectionOfAClientOnce) {
  ClientRoutes routes;
  for (const std::uint64_t connection : {5, 3, 5}) routes.add(client_of(0), {connection});
  routes.add(client_of(1), {3});
  EXPECT_EQ(routes.of(client_of(0)), (Connections{{3}, {5}}));
  EXPECT_EQ(routes.of(client_of(1)), Connections{{3}});
  EXPECT_EQ(routes.of(client_of(2)), Connections{});
}

TEST(ClientRoutes, AClosedConnectionIsForgottenByAllItsClients) {
  ClientRoutes routes;
  for (const unsigned client : {0U, 1U}) {
    for (const std::uint64_t connection : {3, 5}) routes.add(client_of(client), {connection});
  }
  routes.close({3});
  routes.close({4});
  for (const unsigned client : {0U, 1U}) EXPECT_EQ(routes.of(client_of(client)), Connections{{5}});
}

TEST(ClientRoutes, AClientKeepsItsNewestConnections) {
  ClientRoutes routes;
  for (std::uint64_t connection = 1; connection <= 100; ++connection) {
    routes.add(client_of(0), {connection});
  }
  const Connections kept = routes.of(client_of(0));
  ASSERT_EQ(kept.size(), ClientRoutes::kConnectionsPerClient);
  EXPECT_EQ(kept.front().value, 101 - ClientRoutes::kConnectionsPerClient);
  EXPECT_EQ(kept.back().value, 100U);
}

// Numbers rise, but an old connection may speak for a client for the first time.
TEST(ClientRoutes, AnOldConnectionThatSpeaksNowIsNotTheOneForgotten) {
  ClientRoutes routes;
  for (std::uint64_t connection = 2; connection <= 1 + ClientRoutes::kConnectionsPerClient;
       ++connection) {
    routes.add(client_of(0), {connection});
  }
  routes.add(client_of(0), {1});
  const Connections kept = routes.of(client_of(0));
  EXPECT_EQ(kept.size(), ClientRoutes::kConnectionsPerClient);
  EXPECT_EQ(kept.front(), ClientConnection{1});
  routes.close({1});
  EXPECT_EQ(routes.of(client_of(0)).front(), ClientConnection{3});
}

TEST(ClientRoutes, AConnectionSpeaksForItsLatestClients) {
  ClientRoutes routes;
  constexpr std::size_t kAll = ClientRoutes::kClientsPerConnection + 10;
  for (std::size_t client = 0; client < kAll; ++client) routes.add(numbered(client), {7});
  for (std::size_t client = 0; client < kAll; ++client) {
    EXPECT_EQ(routes.of(numbered(client)).empty(), client < 10) << client;
  }
}

TEST(ClientRoutes, AreBoundedInAllOldestFirst) {
  ClientRoutes routes;
  constexpr std::size_t kAll = ClientRoutes::kRoutes + 3;
  for (std::size_t i = 1; i <= kAll; ++i) routes.add(numbered(i), {i});
  for (const std::size_t i : {1U, 2U, 3U}) EXPECT_TRUE(routes.of(numbered(i)).empty()) << i;
  for (std::size_t i = 4; i <= kAll; i += 1000) EXPECT_FALSE(routes.of(numbered(i)).empty()) << i;
  // The one that speaks now stays, old as it is.
  routes.add(numbered(1), {1});
  EXPECT_EQ(routes.of(numbered(1)), Connections{{1}});
  EXPECT_TRUE(routes.of(numbered(4)).empty());
  routes.close({1});
  routes.add(numbered(4), {kAll});
  EXPECT_FALSE(routes.of(numbered(5)).empty()) << "there is room again";
}

}  // namespace
}  // namespace waggle::smr
