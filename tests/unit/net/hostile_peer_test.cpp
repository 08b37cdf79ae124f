#include <gtest/gtest.h>

#include "tests/unit/core/sample_values.hpp"
#include "tests/unit/net/loopback.hpp"

/// What a transport answers to bytes that are none of ours, and that the others do not notice.
namespace waggle::net {
namespace {

class HostilePeer : public testing::Test {
 protected:
  explicit HostilePeer(PeerLimits limits = quick_limits())
      : zero(loop, 0, 3, limits), one(loop, 1, 3) {
    connect_all({&zero, &one});
    EXPECT_TRUE(await(loop, [&] { return zero.up(1) && one.up(0); }));
  }
  ~HostilePeer() override {
    // Whatever happened, the honest pair still talks.
    one.say(0, "unharmed");
    EXPECT_TRUE(await(loop, [&] { return zero.heard(1, "unharmed"); }));
    EXPECT_EQ(one.events, std::vector<std::string>{"+0"});
  }

  /// Replica 2, connected to replica 0.
  std::unique_ptr<RawTls> attacker() {
    auto raw = std::make_unique<RawTls>(zero.port(), &identity_, test_identity(0).public_key());
    EXPECT_TRUE(await(loop, [&] { return raw->pump() && zero.up(2); }));
    return raw;
  }
  /// Whether the attacker is cut off for this reason.
  bool cut_off(RawTls& raw, Refusal reason) {
    return await(loop, [&] { return raw.reads_end(); }) && zero.refusals(reason) == 1 &&
           zero.refused.back() == std::pair(std::optional(ReplicaId{2}), reason) &&
           zero.events.back() == "-2";
  }
  bool is_closed(RawSocket& raw) {
    return await(loop, [&] { return raw.reads_end(); });
  }

  EventLoop loop;
  Node zero;
  Node one;

 private:
  TlsIdentity identity_ = test_identity(2);
};

TEST_F(HostilePeer, PlainTextIsNotTls) {
  RawSocket raw(zero.port());
  raw.write(as_bytes("GET / HTTP/1.1\r\nHost: waggle\r\n\r\n"));
  EXPECT_TRUE(is_closed(raw));
  EXPECT_EQ(zero.refusals(Refusal::kMalformed), 1u);
  EXPECT_EQ(zero.transport.stats().handshakes_failed, 1u);
}

TEST_F(HostilePeer, RandomBytesAreNotTls) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Draw draw(seed);
    RawSocket raw(zero.port());
    Bytes junk = draw.bytes(2000);
    junk.resize(2000);
    raw.write(junk);
    EXPECT_TRUE(is_closed(raw));
  }
  EXPECT_EQ(zero.transport.stats().handshakes_failed, 20u);
}

TEST_F(HostilePeer, OneWhoHangsUpAtOnceIsNobodysFault) {
  { RawSocket raw(zero.port()); }
  EXPECT_TRUE(await(loop, [&] { return zero.transport.stats().handshakes_failed == 1; }));
  EXPECT_TRUE(zero.refused.empty());
}

TEST_F(HostilePeer, AnOversizedFrameIsCutOff) {
  const auto raw = attacker();
  raw->write(Writer().u32(10).u32(0xffffffff).bytes());
  EXPECT_TRUE(cut_off(*raw, Refusal::kTooLarge));
}

TEST_F(HostilePeer, AnOversizedHeaderIsCutOff) {
  const auto raw = attacker();
  raw->write(Writer().u32(0x7fffffff).u32(0).bytes());
  EXPECT_TRUE(cut_off(*raw, Refusal::kTooLarge));
}

TEST_F(HostilePeer, RandomBytesInsideTlsAreCutOff) {
  const auto raw = attacker();
  raw->write(Bytes(100, 0));
  EXPECT_TRUE(cut_off(*raw, Refusal::kMalformed));
}

TEST_F(HostilePeer, AHeaderThatIsNotProtobufIsCutOff) {
  const auto raw = attacker();
  raw->write(Writer().u32(5).u32(0).u8(8).u8(1).u8(0xff).u8(0xff).u8(0xff).bytes());
  EXPECT_TRUE(cut_off(*raw, Refusal::kMalformed));
}

TEST_F(HostilePeer, AnUnknownVersionIsCutOff) {
  const auto raw = attacker();
  raw->write(Writer().u32(2).u32(0).u8(8).u8(2).bytes());
  EXPECT_TRUE(cut_off(*raw, Refusal::kUnsupportedVersion));
}

TEST_F(HostilePeer, AnUnknownKindIsDeliveredForTheCodecToSkip) {
  const auto raw = attacker();
  raw->write(Writer().u32(5).u32(0).u8(8).u8(1).u8(0x9a).u8(0x06).u8(0).bytes());
  EXPECT_TRUE(await(loop, [&] { return zero.frames[ReplicaId{2}].size() == 1; }));
  zero.transport.refuse(ReplicaId{2}, Refusal::kUnknownKind);
  serve(loop, Duration(5'000));
  EXPECT_TRUE(zero.up(2));
  EXPECT_EQ(zero.refusals(Refusal::kUnknownKind), 1u);
}

PeerLimits unforgiving() {
  PeerLimits limits = quick_limits();
  limits.penalty_min = limits.penalty_max = Duration(700'000);
  return limits;
}

class PunishedPeer : public HostilePeer {
 protected:
  PunishedPeer() : HostilePeer(unforgiving()) {}
};

TEST_F(PunishedPeer, IsKeptOutForAWhile) {
  const auto raw = attacker();
  zero.transport.refuse(ReplicaId{2}, Refusal::kMalformed);
  EXPECT_TRUE(await(loop, [&] { return raw->reads_end(); }));
  EXPECT_EQ(zero.refusals(Refusal::kMalformed), 1u);
  EXPECT_EQ(zero.events.back(), "-2");
  const TlsIdentity identity = test_identity(2);
  RawTls again(zero.port(), &identity, test_identity(0).public_key());
  EXPECT_TRUE(await(loop, [&] { return again.reads_end(); }));
  EXPECT_FALSE(zero.up(2));
  EXPECT_EQ(zero.refusals(Refusal::kThrottled), 1u);
  EXPECT_TRUE(await(loop, [&] {  // and then let in again
    serve(loop, Duration(20'000));
    RawTls later(zero.port(), &identity, test_identity(0).public_key());
    return await(loop, [&] { return (later.pump() && zero.up(2)) || later.reads_end(); }) &&
           zero.up(2);
  }));
}

TEST_F(HostilePeer, TheMiddleOfAFrameIsNoPlaceToEnd) {
  const auto raw = attacker();
  raw->write(Writer().u32(100).u32(0).u8(8).bytes());
  raw->say_goodbye();
  EXPECT_TRUE(cut_off(*raw, Refusal::kMalformed));
}

PeerLimits impatient() {
  PeerLimits limits = quick_limits();
  limits.handshake_timeout = Duration(200'000);
  limits.frame_timeout = Duration(100'000);
  return limits;
}

class SlowPeer : public HostilePeer {
 protected:
  SlowPeer() : HostilePeer(impatient()) {}
};

TEST_F(SlowPeer, SilenceInTheHandshakeIsCutOff) {
  RawSocket raw(zero.port());
  EXPECT_TRUE(is_closed(raw));
  EXPECT_EQ(zero.refusals(Refusal::kThrottled), 1u);
  EXPECT_EQ(zero.transport.stats().handshakes_failed, 1u);
}

TEST_F(SlowPeer, ATrickledHandshakeIsCutOff) {
  RawSocket raw(zero.port());
  const Bytes hello = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03};
  std::size_t sent = 0;
  EXPECT_TRUE(await(loop, [&] {
    raw.write(ByteView(hello).subspan(sent++ % hello.size(), 1));
    return raw.reads_end();
  }));
  EXPECT_EQ(zero.transport.stats().handshakes_failed, 1u);
}

TEST_F(SlowPeer, ATrickledFrameIsCutOff) {
  const auto raw = attacker();
  const Bytes frame = Writer().u32(1000).u32(0).u8(8).u8(1).take();
  std::size_t sent = 0;
  EXPECT_TRUE(await(loop, [&] {
    if (sent < frame.size() && zero.up(2)) raw->write(ByteView(frame).subspan(sent++, 1));
    return raw->reads_end();
  }));
  EXPECT_EQ(zero.refused.back(), std::pair(std::optional(ReplicaId{2}), Refusal::kThrottled));
}

TEST_F(SlowPeer, OneWhoSaysNothingBetweenFramesMayStay) {
  const auto raw = attacker();
  serve(loop, Duration(200'000));
  EXPECT_TRUE(zero.up(2));
}

PeerLimits strict() {
  PeerLimits limits = quick_limits();
  limits.handshakes_source_max = 3;
  limits.failures_source_burst = 5;
  limits.failure_source_refill = Duration(400'000);
  return limits;
}

class ManyConnections : public HostilePeer {
 protected:
  ManyConnections() : HostilePeer(strict()) {}
};

TEST_F(ManyConnections, OnlySoManyHandshakesAtOnceOfOneSource) {
  std::vector<std::unique_ptr<RawSocket>> sockets;
  for (int i = 0; i < 5; ++i) sockets.push_back(std::make_unique<RawSocket>(zero.port()));
  const auto closed = [&] {
    return std::count_if(sockets.begin(), sockets.end(), [](auto& s) { return s->reads_end(); });
  };
  EXPECT_TRUE(await(loop, [&] { return closed() == 2; }));
  EXPECT_EQ(zero.refusals(Refusal::kThrottled), 2u);
  EXPECT_EQ(zero.transport.stats().handshakes_failed, 0u);
  sockets.clear();
  EXPECT_TRUE(await(loop, [&] { return zero.transport.stats().handshakes_failed == 3; }));
}

TEST_F(ManyConnections, ASourceThatKeepsFailingIsTurnedAwayUnheardUntilItHasWaited) {
  const auto try_once = [&] {
    RawSocket raw(zero.port());
    raw.write(as_bytes("garbage garbage garbage"));
    EXPECT_TRUE(is_closed(raw));
  };
  for (int i = 0; i < 8; ++i) try_once();
  EXPECT_GE(zero.refusals(Refusal::kThrottled), 1u);
  EXPECT_LT(zero.transport.stats().handshakes_failed, 8u);
  serve(loop, Duration(450'000));
  const std::uint64_t before = zero.transport.stats().handshakes_failed;
  try_once();
  EXPECT_EQ(zero.transport.stats().handshakes_failed, before + 1);
}

}  // namespace
}  // namespace waggle::net
