#include "net/tls_session.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/sample_values.hpp"

namespace waggle::net {
namespace {

TlsIdentity identity(std::uint8_t number) {
  return TlsIdentity::from_seed(seed_of(number)).value();
}

/// Carries what one side has written to the other; the other's state after it.
TlsSession::Status carry(TlsSession& from, TlsSession& to) {
  const Bytes bytes = std::exchange(from.output(), {});
  to.feed(bytes);
  return to.handshake();
}

struct Pair {
  TlsIdentity server_identity = identity(1);
  TlsIdentity client_identity = identity(2);
  TlsContext server_context{TlsContext::Role::kPeer, &server_identity};
  TlsContext client_context{TlsContext::Role::kPeer, &client_identity};
  TlsSession server;
  TlsSession client;

  Pair(std::vector<PublicKey> server_pins, std::vector<PublicKey> client_pins)
      : server(server_context, TlsSession::Side::kAccept, std::move(server_pins)),
        client(client_context, TlsSession::Side::kDial, std::move(client_pins)) {
    EXPECT_EQ(client.handshake(), TlsSession::Status::kWantRead);
  }
};

const PublicKey kServerKey = identity(1).public_key();
const PublicKey kClientKey = identity(2).public_key();
const PublicKey kOtherKey = identity(3).public_key();

TEST(TlsIdentity, HasTheKeyOfItsSeed) {
  const crypto::KeyPair keys = crypto::KeyPair::from_seed(seed_of(1));
  EXPECT_EQ(identity(1).public_key(), keys.public_key());
  EXPECT_FALSE(TlsIdentity::from_seed(Bytes(31)).has_value());
  EXPECT_FALSE(TlsIdentity::from_seed({}).has_value());
}

TEST(TlsSession, BothSidesProveTheirPinnedKeys) {
  Pair pair({kOtherKey, kClientKey}, {kServerKey});
  EXPECT_EQ(carry(pair.client, pair.server), TlsSession::Status::kWantRead);
  EXPECT_EQ(carry(pair.server, pair.client), TlsSession::Status::kOk);
  EXPECT_EQ(carry(pair.client, pair.server), TlsSession::Status::kOk);
  EXPECT_EQ(pair.server.peer_key(), kClientKey);
  EXPECT_EQ(pair.client.peer_key(), kServerKey);

  // More than one record, read piece by piece.
  Bytes sent(100'000);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i * 7);
  ASSERT_TRUE(pair.client.write(sent));
  const Bytes wire = std::exchange(pair.client.output(), {});
  pair.server.feed(ByteView(wire).first(wire.size() - 10));
  Bytes read(sent.size());
  std::size_t have = 0;
  const auto read_some = [&] {
    while (have < read.size()) {
      const auto [status, size] = pair.server.read(
          std::span(read).subspan(have, std::min<std::size_t>(1000, read.size() - have)));
      if (status != TlsSession::Status::kOk) return;
      have += size;
    }
  };
  read_some();
  EXPECT_TRUE(pair.server.has_partial_input());
  pair.server.feed(ByteView(wire).last(10));
  read_some();
  EXPECT_EQ(read, sent);
  EXPECT_FALSE(pair.server.has_partial_input());

  pair.client.shutdown();
  const Bytes goodbye = pair.client.output();
  pair.server.feed(goodbye);
  EXPECT_EQ(pair.server.read(std::span(read)).status, TlsSession::Status::kClosed);
}

TEST(TlsSession, TheSideThatDialsRefusesAnotherKey) {
  Pair pair({kClientKey}, {kOtherKey});
  EXPECT_EQ(carry(pair.client, pair.server), TlsSession::Status::kWantRead);
  EXPECT_EQ(carry(pair.server, pair.client), TlsSession::Status::kFailed);
  EXPECT_EQ(pair.client.failure(), TlsSession::Failure::kUnknownKey);
  EXPECT_EQ(carry(pair.client, pair.server), TlsSession::Status::kFailed);
  EXPECT_EQ(pair.server.failure(), TlsSession::Failure::kAlert);
  EXPECT_FALSE(pair.client.write(Bytes(1)));
}

TEST(TlsSession, TheSideThatAcceptsRefusesAnotherKey) {
  Pair pair({kOtherKey}, {kServerKey});
  EXPECT_EQ(carry(pair.client, pair.server), TlsSession::Status::kWantRead);
  EXPECT_EQ(carry(pair.server, pair.client), TlsSession::Status::kOk);
  EXPECT_EQ(carry(pair.client, pair.server), TlsSession::Status::kFailed);
  EXPECT_EQ(pair.server.failure(), TlsSession::Failure::kUnknownKey);
  EXPECT_FALSE(pair.server.peer_key().has_value());
}

TEST(TlsSession, APeerPortRefusesWhoProvesNothing) {
  const TlsContext anonymous(TlsContext::Role::kClient, nullptr);
  Pair pair({kClientKey}, {kServerKey});
  TlsSession client(anonymous, TlsSession::Side::kDial, {kServerKey});
  EXPECT_EQ(client.handshake(), TlsSession::Status::kWantRead);
  EXPECT_EQ(carry(client, pair.server), TlsSession::Status::kWantRead);
  EXPECT_EQ(carry(pair.server, client), TlsSession::Status::kOk);
  EXPECT_EQ(carry(client, pair.server), TlsSession::Status::kFailed);
}

TEST(TlsSession, AClientPortAsksForNoKey) {
  const TlsIdentity replica = identity(1);
  const TlsContext port(TlsContext::Role::kClientServer, &replica);
  const TlsContext anonymous(TlsContext::Role::kClient, nullptr);
  TlsSession server(port, TlsSession::Side::kAccept, {});
  TlsSession client(anonymous, TlsSession::Side::kDial, {kServerKey});
  EXPECT_EQ(client.handshake(), TlsSession::Status::kWantRead);
  EXPECT_EQ(carry(client, server), TlsSession::Status::kWantRead);
  EXPECT_EQ(carry(server, client), TlsSession::Status::kOk);
  EXPECT_EQ(carry(client, server), TlsSession::Status::kOk);
  EXPECT_FALSE(server.peer_key().has_value());
}

TEST(TlsSession, AFlippedBitEndsTheConnection) {
  for (const std::size_t at : {0, 5, 20, 60}) {
    Pair pair({kClientKey}, {kServerKey});
    (void)carry(pair.client, pair.server);
    (void)carry(pair.server, pair.client);
    (void)carry(pair.client, pair.server);
    ASSERT_TRUE(pair.client.write(Bytes(100, 1)));
    Bytes wire = pair.client.output();
    wire[at] ^= 4;
    pair.server.feed(wire);
    Bytes read(200);
    EXPECT_EQ(pair.server.read(std::span(read)).status, TlsSession::Status::kFailed);
  }
}

TEST(TlsSession, SurvivesArbitraryBytes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Draw draw(seed);
    Pair pair({kClientKey}, {kServerKey});
    Bytes hello = pair.client.output();
    if (draw.flag())
      hello = with_flipped_bit(hello, draw.up_to(hello.size() * 8 - 1));
    else
      hello = draw.bytes(300);
    pair.server.feed(hello);
    EXPECT_NE(pair.server.handshake(), TlsSession::Status::kOk);
  }
}

}  // namespace
}  // namespace waggle::net
