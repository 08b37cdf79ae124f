#include "net/client_server.hpp"

#include <gtest/gtest.h>

#include "consensus/core/encoding.hpp"
#include "tests/unit/net/loopback.hpp"

namespace waggle::net {
namespace {

/// A replica's client port that answers every frame with the same frame.
struct Echo {
  explicit Echo(EventLoop& loop, ClientLimits limits = {}, std::uint16_t port = 0)
      : server(loop, test_identity(0), {{"127.0.0.1", port}, limits},
               {[this](ConnectionId from, Frame frame) {
                  last = from;
                  ++frames;
                  server.send(from, share(std::move(frame)));
                },
                [this](ConnectionId from) { closed.push_back(from); },
                [this](Refusal reason) { refused.push_back(reason); }}) {
    EXPECT_TRUE(server.start().has_value());
  }
  ConnectionId last;
  int frames = 0;
  std::vector<ConnectionId> closed;
  std::vector<Refusal> refused;
  ClientServer server;
};

struct Client {
  Client(EventLoop& loop, std::uint16_t port, std::uint32_t pinned = 0)
      : connection(loop,
                   {.endpoint = {"127.0.0.1", port},
                    .tls_key = test_identity(pinned).public_key(),
                    .reconnect_min = Duration(2'000),
                    .reconnect_max = Duration(10'000)},
                   {[this](Frame frame) { heard.push_back(text_of(frame)); }, [this] { ++ups; },
                    [this](const std::string& why) { downs.push_back(why); }}) {
    connection.start();
  }
  void say(const std::string& text, std::vector<std::size_t> segments = {}) {
    connection.send(share(text_frame(text, std::move(segments))));
  }
  std::vector<std::string> heard;
  int ups = 0;
  std::vector<std::string> downs;
  ClientConnection connection;
};

TEST(ClientServer, AnswersItsClients) {
  EventLoop loop;
  Echo echo(loop);
  Client a(loop, echo.server.port()), b(loop, echo.server.port());
  ASSERT_TRUE(await(loop, [&] { return a.ups == 1 && b.ups == 1; }));
  a.say("from a", {200'000});
  b.say("from b");
  ASSERT_TRUE(await(loop, [&] { return a.heard.size() == 1 && b.heard.size() == 1; }));
  EXPECT_EQ(a.heard[0], "from a");
  EXPECT_EQ(b.heard[0], "from b");
  EXPECT_EQ(echo.server.stats().connections, 2u);
  b.connection.stop();
  ASSERT_TRUE(await(loop, [&] { return echo.closed.size() == 1; }));
  echo.server.send(echo.closed[0], share(text_frame("too late")));
  ASSERT_TRUE(await(loop, [&] { return echo.server.stats().frames_dropped == 1; }));
  EXPECT_TRUE(b.downs.empty());
}

TEST(ClientServer, AClientComesBackWhenTheServerDoes) {
  EventLoop loop;
  auto echo = std::make_unique<Echo>(loop);
  const std::uint16_t port = echo->server.port();
  Client client(loop, port);
  ASSERT_TRUE(await(loop, [&] { return client.connection.up(); }));
  echo.reset();
  ASSERT_TRUE(await(loop, [&] { return client.downs.size() >= 2; }));  // lost, then not there
  EXPECT_NE(client.downs[1].find("cannot reach 127.0.0.1:"), std::string::npos);
  Echo again(loop, {}, port);
  ASSERT_TRUE(await(loop, [&] { return client.connection.up(); }));
  client.say("still here");
  ASSERT_TRUE(await(loop, [&] { return client.heard.size() == 1; }));
}

TEST(ClientServer, AClientDoesNotTalkToAnotherKey) {
  EventLoop loop;
  Echo echo(loop);
  Client client(loop, echo.server.port(), 5);
  ASSERT_TRUE(await(loop, [&] { return client.downs.size() >= 2; }));
  EXPECT_EQ(client.ups, 0);
  EXPECT_NE(client.downs[0].find("pinned"), std::string::npos);
  EXPECT_GE(client.connection.stats().refusals(Refusal::kUnknownReplica), 1u);
}

TEST(ClientServer, LimitsConnectionsOfOneSource) {
  EventLoop loop;
  ClientLimits limits;
  limits.connections_source_max = 2;
  Echo echo(loop, limits);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<Client>(loop, echo.server.port()));
  }
  ASSERT_TRUE(await(loop, [&] { return echo.server.stats().refusals(Refusal::kThrottled) >= 2; }));
  const auto up = [&] {
    return std::count_if(clients.begin(), clients.end(),
                         [](const auto& client) { return client->connection.up(); });
  };
  ASSERT_TRUE(await(loop, [&] { return up() == 2; }));
  for (auto& client : clients) {
    if (client->connection.up()) client->connection.stop();
  }
  ASSERT_TRUE(await(loop, [&] { return up() == 2; }));  // the others get their places
}

TEST(ClientServer, LimitsConnectionsInAll) {
  EventLoop loop;
  ClientLimits limits;
  limits.connections_max = 1;
  Echo echo(loop, limits);
  Client first(loop, echo.server.port());
  ASSERT_TRUE(await(loop, [&] { return first.connection.up(); }));
  Client second(loop, echo.server.port());
  ASSERT_TRUE(await(loop, [&] { return echo.server.stats().refusals(Refusal::kThrottled) >= 1; }));
  EXPECT_FALSE(second.connection.up());
  EXPECT_EQ(echo.refused[0], Refusal::kThrottled);
}

TEST(ClientServer, OneWhoDoesNotReadIsCutOff) {
  EventLoop loop;
  ClientLimits limits;
  limits.queue_bytes_max = 256 << 10;
  Echo echo(loop, limits);
  RawTls deaf(echo.server.port(), nullptr, test_identity(0).public_key());
  ASSERT_TRUE(await(loop, [&] { return deaf.pump(); }));
  const Bytes hello = Writer().u32(5).u32(0).u8(8).u8(1).u8(0x9a).u8(0x06).u8(0).take();
  deaf.write(hello);
  ASSERT_TRUE(await(loop, [&] { return echo.frames == 1; }));
  const SharedFrame large = share(text_frame("large", {100'000}));
  ASSERT_TRUE(await(loop, [&] {
    for (int i = 0; i < 10; ++i) echo.server.send(echo.last, large);
    return !echo.closed.empty();
  }));
  EXPECT_EQ(echo.refused, std::vector{Refusal::kThrottled});
}

TEST(ClientServer, OneWhoSaysNothingIsCutOffInTheEnd) {
  EventLoop loop;
  ClientLimits limits;
  limits.idle_timeout = Duration(30'000);
  Echo echo(loop, limits);
  RawTls idle(echo.server.port(), nullptr, test_identity(0).public_key());
  ASSERT_TRUE(await(loop, [&] { return idle.reads_end(); }));
  EXPECT_EQ(echo.closed.size(), 1u);
  EXPECT_TRUE(echo.refused.empty());
}

TEST(ClientServer, GarbageIsCutOffAndCounted) {
  EventLoop loop;
  ClientLimits limits;
  limits.handshake_timeout = Duration(200'000);
  limits.frame_timeout = Duration(100'000);
  Echo echo(loop, limits);
  const auto expect_cut_off = [&](ByteView bytes, Refusal reason) {
    RawTls raw(echo.server.port(), nullptr, test_identity(0).public_key());
    EXPECT_TRUE(await(loop, [&] { return raw.pump(); }));
    const std::uint64_t before = echo.server.stats().refusals(reason);
    raw.write(bytes);
    EXPECT_TRUE(await(loop, [&] { return raw.reads_end(); }));
    EXPECT_EQ(echo.server.stats().refusals(reason), before + 1);
  };
  expect_cut_off(Bytes(20, 0), Refusal::kMalformed);
  expect_cut_off(Bytes(20, 0xff), Refusal::kTooLarge);
  expect_cut_off(Writer().u32(2).u32(0).u8(8).u8(9).bytes(), Refusal::kUnsupportedVersion);
  expect_cut_off(Writer().u32(50).u32(0).u8(8).bytes(), Refusal::kThrottled);  // and no more
  RawSocket plain(echo.server.port());
  plain.write(as_bytes("hello, is this a mail server?\r\n"));
  EXPECT_TRUE(await(loop, [&] { return plain.reads_end(); }));
  RawSocket silent(echo.server.port());
  EXPECT_TRUE(await(loop, [&] { return silent.reads_end(); }));
  EXPECT_EQ(echo.server.stats().handshakes_failed, 2u);
  EXPECT_EQ(echo.closed.size(), 4u);
}

TEST(ClientServer, WhatTheCallerRefusesIsCountedAndCutOffIfItIsGarbage) {
  EventLoop loop;
  Echo echo(loop);
  Client client(loop, echo.server.port());
  ASSERT_TRUE(await(loop, [&] { return client.connection.up(); }));
  client.say("hello");
  ASSERT_TRUE(await(loop, [&] { return echo.frames == 1; }));
  echo.server.refuse(echo.last, Refusal::kMempoolFull);
  client.say("again");
  ASSERT_TRUE(await(loop, [&] { return echo.frames == 2; }));
  EXPECT_TRUE(echo.closed.empty());
  echo.server.refuse(echo.last, Refusal::kMalformed);
  ASSERT_TRUE(await(loop, [&] { return echo.closed.size() == 1; }));
  EXPECT_EQ(echo.server.stats().refusals(Refusal::kMempoolFull), 1u);
  EXPECT_EQ(echo.server.stats().refusals(Refusal::kMalformed), 1u);
}

TEST(ClientConnection, WhatItCannotDecodeMakesItDialAgain) {
  EventLoop loop;
  Echo echo(loop);
  Client client(loop, echo.server.port());
  ASSERT_TRUE(await(loop, [&] { return client.ups == 1; }));
  client.connection.refuse(Refusal::kMalformed);
  ASSERT_TRUE(await(loop, [&] { return client.ups == 2; }));
  EXPECT_EQ(client.downs.size(), 1u);
}

}  // namespace
}  // namespace waggle::net
