#include "net/peer_transport.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/net/loopback.hpp"

namespace waggle::net {
namespace {

using Events = std::vector<std::string>;

TEST(PeerTransport, TwoPeersExchangeFrames) {
  EventLoop loop;
  Node zero(loop, 0, 2), one(loop, 1, 2);
  connect_all({&zero, &one});
  ASSERT_TRUE(await(loop, [&] { return zero.up(1) && one.up(0); }));
  zero.say(1, "hello");
  one.say(0, "segments", {5, 0, 300'000, 1});
  ASSERT_TRUE(await(loop, [&] { return one.heard(0, "hello") && zero.heard(1, "segments"); }));
  const Frame expected = text_frame("segments", {5, 0, 300'000, 1});
  const Frame& received = zero.frames[ReplicaId{1}][0];
  EXPECT_EQ(received.header, expected.header);
  ASSERT_EQ(received.segments.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(*received.segments[i], *expected.segments[i]);
  EXPECT_EQ(zero.events, Events{"+1"});
  EXPECT_EQ(zero.transport.stats().frames_in, 1u);
  EXPECT_EQ(zero.transport.stats().frames_out, 1u);
  EXPECT_EQ(zero.transport.stats().connections, 1u);
  EXPECT_GT(zero.transport.stats().bytes_in, 300'000u);
  EXPECT_GT(one.transport.stats().bytes_out, 300'000u);
}

TEST(PeerTransport, FourPeersBroadcastInOrder) {
  constexpr int kFrames = 500;
  EventLoop loop;
  std::vector<std::unique_ptr<Node>> nodes;
  for (std::uint32_t i = 0; i < 4; ++i) nodes.push_back(std::make_unique<Node>(loop, i, 4));
  connect_all({nodes[0].get(), nodes[1].get(), nodes[2].get(), nodes[3].get()});
  ASSERT_TRUE(await(loop, [&] {
    return std::all_of(nodes.begin(), nodes.end(),
                       [](const auto& n) { return n->transport.connected_peers().size() == 3; });
  }));
  for (const auto& node : nodes) {
    for (int i = 0; i < kFrames; ++i) {
      const std::vector<std::size_t> segments(i % 7 == 0 ? 1 : 0, 20'000);
      node->transport.broadcast(share(text_frame(std::to_string(i), segments)), {});
    }
  }
  const auto complete = [&](const auto& node) {
    if (node->frames.size() != 3) return false;
    return std::all_of(node->frames.begin(), node->frames.end(),
                       [](const auto& item) { return item.second.size() == kFrames; });
  };
  ASSERT_TRUE(await(loop, [&] { return std::all_of(nodes.begin(), nodes.end(), complete); }));
  for (const auto& node : nodes) {
    for (const auto& [from, frames] : node->frames) {
      for (int i = 0; i < kFrames; ++i) {
        EXPECT_EQ(text_of(frames[static_cast<std::size_t>(i)]), std::to_string(i));
      }
    }
    EXPECT_EQ(node->transport.stats().frames_dropped, 0u);
  }
}

TEST(PeerTransport, SendsFromAnyThread) {
  EventLoop loop;
  Node zero(loop, 0, 2), one(loop, 1, 2);
  connect_all({&zero, &one});
  ASSERT_TRUE(await(loop, [&] { return zero.up(1) && one.up(0); }));
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) zero.say(1, std::to_string(i));
  });
  EXPECT_TRUE(await(loop, [&] { return one.heard(0, "999"); }));
  other.join();
  EXPECT_EQ(one.frames[ReplicaId{0}].size(), 1000u);
}

TEST(PeerTransport, ReconnectsWhenTheDialledSideRestarts) {
  EventLoop loop;
  auto zero = std::make_unique<Node>(loop, 0, 2);
  Node one(loop, 1, 2);
  connect_all({zero.get(), &one});
  ASSERT_TRUE(await(loop, [&] { return zero->up(1) && one.up(0); }));
  const std::uint16_t port = zero->port();
  zero.reset();
  ASSERT_TRUE(await(loop, [&] { return !one.up(0); }));
  one.say(0, "into the void");
  zero = std::make_unique<Node>(loop, 0, 2, quick_limits(), port);
  ASSERT_TRUE(zero->transport.start().has_value());
  ASSERT_TRUE(await(loop, [&] { return zero->up(1) && one.up(0); }));
  one.say(0, "back");
  ASSERT_TRUE(await(loop, [&] { return zero->heard(1, "back"); }));
  EXPECT_FALSE(zero->heard(1, "into the void"));
  EXPECT_EQ(one.events, (Events{"+0", "-0", "+0"}));
  EXPECT_EQ(one.transport.stats().frames_dropped, 1u);
}

TEST(PeerTransport, ReconnectsWhenTheDiallingSideRestarts) {
  EventLoop loop;
  Node zero(loop, 0, 2);
  auto one = std::make_unique<Node>(loop, 1, 2);
  connect_all({&zero, one.get()});
  ASSERT_TRUE(await(loop, [&] { return zero.up(1) && one->up(0); }));
  one = std::make_unique<Node>(loop, 1, 2);
  connect_all({one.get()});
  one->know(zero);
  ASSERT_TRUE(await(loop, [&] { return one->up(0) && zero.up(1); }));
  zero.say(1, "welcome");
  ASSERT_TRUE(await(loop, [&] { return one->heard(0, "welcome"); }));
  EXPECT_EQ(zero.events, (Events{"+1", "-1", "+1"}));
}

TEST(PeerTransport, ANewConnectionOfAPeerTakesThePlaceOfTheOld) {
  EventLoop loop;
  Node zero(loop, 0, 2);
  connect_all({&zero});
  const TlsIdentity one = test_identity(1);
  RawTls first(zero.port(), &one, test_identity(0).public_key());
  ASSERT_TRUE(await(loop, [&] { return first.pump() && zero.up(1); }));
  RawTls second(zero.port(), &one, test_identity(0).public_key());
  ASSERT_TRUE(await(loop, [&] { return second.pump() && first.reads_end(); }));
  EXPECT_TRUE(zero.up(1));
  EXPECT_EQ(zero.events, (Events{"+1", "-1", "+1"}));
  EXPECT_EQ(zero.transport.stats().connections, 1u);
}

TEST(PeerTransport, AnUnknownKeyIsRefused) {
  EventLoop loop;
  Node zero(loop, 0, 2);
  Node impostor(loop, 1, 2, quick_limits(), 0, 7);
  connect_all({&zero, &impostor});
  ASSERT_TRUE(await(loop, [&] { return zero.refusals(Refusal::kUnknownReplica) >= 3; }));
  EXPECT_TRUE(zero.events.empty());
  EXPECT_GE(zero.transport.stats().handshakes_failed, 3u);
  EXPECT_EQ(zero.refused[0].first, std::nullopt);
  EXPECT_TRUE(impostor.refused.empty());  // being refused is not the other's fault
  EXPECT_EQ(zero.transport.stats().connections_opened, 0u);
}

TEST(PeerTransport, AFalseServerIsNotTalkedTo) {
  EventLoop loop;
  Node impostor(loop, 0, 2, quick_limits(), 0, 7);
  Node one(loop, 1, 2);
  connect_all({&impostor, &one});
  ASSERT_TRUE(await(loop, [&] { return one.refusals(Refusal::kUnknownReplica) >= 2; }));
  EXPECT_TRUE(one.events.empty());
  EXPECT_TRUE(impostor.events.empty());
}

TEST(PeerTransport, OneWhoShouldBeDialledIsNotLetIn) {
  EventLoop loop;
  Node one(loop, 1, 2);
  connect_all({&one});
  const TlsIdentity zero = test_identity(0);
  RawTls wrong_way(one.port(), &zero, test_identity(1).public_key());
  ASSERT_TRUE(await(loop, [&] { return wrong_way.reads_end(); }));
  EXPECT_EQ(one.refusals(Refusal::kUnsolicited), 1u);
  EXPECT_TRUE(one.events.empty());
}

TEST(PeerTransport, StopsQuietlyAndAPortInUseIsSaid) {
  EventLoop loop;
  Node zero(loop, 0, 2), one(loop, 1, 2);
  connect_all({&zero, &one});
  ASSERT_TRUE(await(loop, [&] { return zero.up(1) && one.up(0); }));
  Node second(loop, 0, 2, quick_limits(), zero.port());
  const auto started = second.transport.start();
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().find("cannot listen on 127.0.0.1:"), std::string::npos);
  zero.transport.stop();
  EXPECT_EQ(zero.events, Events{"+1"});
  ASSERT_TRUE(await(loop, [&] { return !one.up(0); }));
}

TEST(PeerTransport, AFullQueueDropsSupersededFramesAndNeverGrows) {
  EventLoop loop;
  PeerLimits limits = quick_limits();
  limits.queue_bytes_max = 1 << 20;
  Node zero(loop, 0, 2, limits);
  connect_all({&zero});
  const TlsIdentity one = test_identity(1);
  RawTls deaf(zero.port(), &one, test_identity(0).public_key());  // reads only when we say so
  ASSERT_TRUE(await(loop, [&] { return deaf.pump() && zero.up(1); }));
  // 32 MB, far above what the sockets' own buffers hold.
  for (std::uint64_t view = 1; view <= 500; ++view) {
    zero.transport.send(ReplicaId{1}, share(text_frame("old", {64'000})),
                        {Delivery::Kind::kConsensus, View{view}});
    serve(loop, Duration(50));
  }
  const Stats stats = zero.transport.stats();
  EXPECT_GT(stats.frames_dropped, 300u);
  EXPECT_LT(stats.bytes_out, 16u << 20);
  EXPECT_TRUE(zero.up(1));
  // What is newest is still there.
  const auto drained = [&] {
    deaf.pump();
    return zero.transport.stats().frames_out + zero.transport.stats().frames_dropped == 500;
  };
  EXPECT_TRUE(await(loop, drained));
}

}  // namespace
}  // namespace waggle::net
