#include "net/codec.hpp"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/net/codec_samples.hpp"

namespace waggle::net {
namespace {

class WireCodec : public testing::TestWithParam<WireKind> {
 protected:
  template <class Property>
  static void check(const char* name, Property property) {
    EXPECT_TRUE(rc::check(name, [&property](std::uint64_t seed) {
      Draw draw(seed);
      property(GetParam().sample(draw), draw);
    }));
  }
};

TEST_P(WireCodec, ReadsWhatWasWritten) {
  check("round trip", [](const Frame& frame, Draw&) {
    const auto again = GetParam().recode(frame);
    RC_ASSERT(again.has_value());
    RC_ASSERT(wire_bytes(*again) == wire_bytes(frame));
  });
}

TEST_P(WireCodec, HandsSegmentsOnWithoutACopy) {
  Draw draw(1);
  const Frame frame = GetParam().sample(draw);
  const auto again = GetParam().recode(frame);
  ASSERT_TRUE(again.has_value());
  const std::set<std::string> by_value{"LocalRead", "LocalReadResult", "Committed", "Median",
                                       "StateChunk"};
  if (by_value.contains(GetParam().name)) return;
  for (std::size_t i = 0; i < frame.segments.size(); ++i) {
    EXPECT_EQ(again->segments[i], frame.segments[i]);
  }
}

TEST_P(WireCodec, RefusesATruncatedHeader) {
  check("truncated header", [](Frame frame, Draw&) {
    const Bytes header = frame.header;
    for (std::size_t size = 0; size < header.size(); ++size) {
      frame.header.assign(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
      RC_ASSERT(!GetParam().recode(frame).has_value());
    }
  });
}

TEST_P(WireCodec, RefusesSegmentsThatTheHeaderDoesNotName) {
  check("segments", [](const Frame& frame, Draw& draw) {
    Frame more = frame;
    more.segments.push_back(std::make_shared<const Bytes>(draw.bytes(8)));
    RC_ASSERT(GetParam().recode(more).error() == Refusal::kMalformed);
    if (frame.segments.empty()) return;
    Frame fewer = frame;
    fewer.segments.pop_back();
    RC_ASSERT(GetParam().recode(fewer).error() == Refusal::kMalformed);
    Frame longer = frame;
    Bytes grown = *longer.segments.back();
    grown.push_back(0);
    longer.segments.back() = std::make_shared<const Bytes>(grown);
    RC_ASSERT(GetParam().recode(longer).error() == Refusal::kMalformed);
  });
}

TEST_P(WireCodec, SurvivesFlippedBits) {
  check("bit flips", [](const Frame& frame, Draw& draw) {
    for (int i = 0; i < 30; ++i) {
      Frame flipped = frame;
      flipped.header = with_flipped_bit(frame.header, draw.up_to(frame.header.size() * 8 - 1));
      const auto again = GetParam().recode(std::move(flipped));
      // What is accepted is a message: it has an encoding that is read as the same.
      if (again) RC_ASSERT(wire_bytes(GetParam().recode(*again).value()) == wire_bytes(*again));
    }
  });
}

TEST_P(WireCodec, SurvivesArbitraryBytes) {
  check("arbitrary bytes", [](const Frame& frame, Draw& draw) {
    Frame junk = frame;
    junk.header = draw.bytes(200);
    (void)GetParam().recode(junk);
    junk.header.insert(junk.header.begin(), {0x08, kWireVersion});
    (void)GetParam().recode(std::move(junk));
  });
}

TEST_P(WireCodec, IsForOnePortOnly) {
  Draw draw(2);
  const Frame frame = GetParam().sample(draw);
  int ports = 0;
  for (const auto recode : {recode_client, recode_replica}) {
    const auto read = recode(frame);
    ports += read.has_value() ? 1 : 0;
    if (!read) {
      EXPECT_EQ(read.error(), Refusal::kMalformed);
    }
  }
  ports += recode_peer(frame).has_value() || recode_median(frame).has_value() ? 1 : 0;
  EXPECT_EQ(ports, 1);
}

INSTANTIATE_TEST_SUITE_P(Kinds, WireCodec, testing::ValuesIn(wire_kinds()),
                         [](const auto& kind) { return kind.param.name; });

/// A peer of the other protocol is not cut off for what it says: it is not understood.
TEST(WireKinds, OneOfTheOtherProtocolIsUnknown) {
  for (const WireKind& kind : wire_kinds()) {
    Draw draw(4);
    const Frame frame = kind.sample(draw);
    const auto chained = recode_peer(frame);
    const auto median = recode_median(frame);
    if (kind.name == "Forward") {
      EXPECT_TRUE(chained && median) << "hosts say it to each other on any chain";
    } else if (kind.recode == recode_median) {
      EXPECT_EQ(chained.error(), Refusal::kUnknownKind);
    } else if (kind.recode == recode_peer) {
      EXPECT_EQ(median.error(), Refusal::kUnknownKind) << kind.name;
    } else {
      EXPECT_EQ(median.error(), Refusal::kMalformed) << kind.name;
    }
  }
  const Frame report = encode_peer(smr::StateReport{Height{1}, {}});
  EXPECT_TRUE(recode_median(report).has_value());
}

constexpr auto kEveryPort = {recode_peer, recode_median, recode_client, recode_replica};

TEST(WireVersion, AnotherOneIsRefusedBeforeAnythingElse) {
  for (const auto recode : kEveryPort) {
    EXPECT_EQ(recode({{0x08, 0x02, 0xff, 0xff}, {}}).error(), Refusal::kUnsupportedVersion);
    EXPECT_EQ(recode({{}, {}}).error(), Refusal::kUnsupportedVersion);
    EXPECT_EQ(recode({{0x52, 0x00}, {}}).error(), Refusal::kUnsupportedVersion);  // none named
  }
}

TEST(WireKinds, OneOfANewerVersionIsSkipped) {
  for (const auto recode : kEveryPort) {
    // Field 99, two bytes long.
    EXPECT_EQ(recode({{0x08, 0x01, 0x9a, 0x06, 0x02, 0x01, 0x02}, {}}).error(),
              Refusal::kUnknownKind);
    EXPECT_EQ(recode({{0x08, 0x01}, {}}).error(), Refusal::kMalformed);  // nothing at all
  }
  EXPECT_FALSE(closes_connection(Refusal::kUnknownKind));
}

TEST(WireKinds, AFieldOfANewerVersionIsIgnored) {
  Draw draw(3);
  Frame frame = encode_client(smr::StatusQuery{});
  frame.header.insert(frame.header.end(), {0x9a, 0x06, 0x02, 0x01, 0x02});
  EXPECT_TRUE(recode_client(frame).has_value());
}

TEST(WireKinds, ALaneIsBelow65536) {
  const auto query = [](std::uint32_t lane) { return encode_client(smr::SessionQuery{{}, lane}); };
  const auto info = [](std::uint32_t lane) {
    return encode_replica(smr::SessionInfo{{}, 1, lane});
  };
  EXPECT_TRUE(recode_client(query(0xffff)).has_value());
  EXPECT_EQ(recode_client(query(0x10000)).error(), Refusal::kMalformed);
  EXPECT_TRUE(recode_replica(info(0xffff)).has_value());
  EXPECT_EQ(recode_replica(info(0x10000)).error(), Refusal::kMalformed);
}

TEST(WireKinds, AReasonOfANewerVersionIsSkipped) {
  Frame frame = encode_replica(smr::Rejected{{}, 1, 1, Refusal::kMempoolFull});
  const std::string name = "mempool_full";
  const auto at = std::search(frame.header.begin(), frame.header.end(), name.begin(), name.end());
  ASSERT_NE(at, frame.header.end());
  *at = 'x';
  EXPECT_EQ(decode_replica(frame).error(), Refusal::kUnknownKind);
}

TEST(WireText, WhatATerminalWouldObeyIsMalformed) {
  smr::Status status;
  status.phase = "active";
  EXPECT_TRUE(decode_replica(encode_replica(status)).has_value());
  for (const std::string text : {"\x1b[2J", "a\nb", "\xff", "\x7f"}) {
    status.phase = text;
    EXPECT_EQ(decode_replica(encode_replica(status)).error(), Refusal::kMalformed);
  }
  status.phase = std::string(1000, 'a');
  EXPECT_EQ(decode_replica(encode_replica(status)).error(), Refusal::kMalformed);
  status.phase = "active";
  status.findings = {{smr::Level::kBad, "code", "a\nb"}};
  EXPECT_EQ(decode_replica(encode_replica(status)).error(), Refusal::kMalformed);
  status.findings = {{static_cast<smr::Level>(3), "code", "text"}};
  EXPECT_EQ(decode_replica(encode_replica(status)).error(), Refusal::kMalformed);
}

TEST(WireLimits, RequestsAboveTheGenesisLimitAreTooLarge) {
  const Limits& limits = sample_chain().config.limits;
  const auto large = std::make_shared<const Bytes>(limits.request_bytes_max + 1);
  EXPECT_EQ(recode_client(encode_client(smr::Submit{large})).error(), Refusal::kTooLarge);
  EXPECT_EQ(recode_peer(encode_peer(Forward{{large}})).error(), Refusal::kTooLarge);
  const smr::LocalRead read{1, Bytes(limits.command_bytes_max + 1)};
  EXPECT_EQ(recode_client(encode_client(read)).error(), Refusal::kTooLarge);
}

TEST(WireLimits, APieceOfAStateAboveItsBoundIsTooLarge) {
  smr::StateChunk chunk{7, 2 << 20, 0, Bytes(smr::kStateChunkMax)};
  EXPECT_TRUE(recode_median(encode_peer(chunk)).has_value());
  chunk.bytes.push_back(0);
  EXPECT_EQ(recode_median(encode_peer(chunk)).error(), Refusal::kTooLarge);
}

TEST(WireLimits, MedianMessagesAboveABoundAreTooLarge) {
  median::ContentRequest request;
  request.digests.resize(median::kContentsMax);
  EXPECT_TRUE(recode_median(encode_peer(request)).has_value());
  request.digests.resize(median::kContentsMax + 1);
  EXPECT_EQ(recode_median(encode_peer(request)).error(), Refusal::kTooLarge);
}

TEST(WireLimits, SegmentCountAndHeaderSizeAreBounded) {
  const FrameLimits limits{.header_bytes_max = 16, .payload_bytes_max = 100, .segments_max = 2};
  const Bytes three = {0x08, 0x01, 0x12, 0x03, 0x01, 0x01, 0x01};
  EXPECT_EQ(segment_sizes(three, 3, limits).error(), Refusal::kTooLarge);
  const Bytes unpacked = {0x08, 0x01, 0x10, 0x05, 0x10, 0x06};
  EXPECT_EQ(segment_sizes(unpacked, 11, limits).value(), (std::vector<std::uint32_t>{5, 6}));
  EXPECT_EQ(segment_sizes(unpacked, 12, limits).error(), Refusal::kMalformed);
  EXPECT_EQ(segment_sizes(Bytes(17), 0, limits).error(), Refusal::kTooLarge);
}

TEST(WireDelivery, OldViewsGiveWayFirst) {
  using Kind = Delivery::Kind;
  EXPECT_EQ(delivery_of(chained::Vote{View{7}, {}, {}, {}}), (Delivery{Kind::kConsensus, View{7}}));
  EXPECT_EQ(delivery_of(chained::Branch{}), (Delivery{Kind::kSync, {}}));
  EXPECT_EQ(delivery_of(Forward{}), (Delivery{Kind::kForward, {}}));
  EXPECT_EQ(delivery_of(chained::BranchRequest{}), (Delivery{Kind::kControl, {}}));
  EXPECT_EQ(delivery_of(chained::Proposal{sample_chain().block_b}),
            (Delivery{Kind::kConsensus, View{2}}));
}

/// A log request or its answer is worth nothing in the next round; what is signed still is.
TEST(WireDelivery, PastRoundsGiveWayFirst) {
  using Kind = Delivery::Kind;
  const Delivery of_round_9{Kind::kConsensus, View{9}};
  EXPECT_EQ(delivery_of(median::LogRequest{.round = 9}), of_round_9);
  EXPECT_EQ(delivery_of(median::LogReply{.round = 9}), of_round_9);
  EXPECT_EQ(delivery_of(median::Append{9, {}}), of_round_9);
  EXPECT_EQ(delivery_of(median::SignedPre{.window = 9}), (Delivery{Kind::kControl, {}}));
  EXPECT_EQ(delivery_of(median::Commit{.window = 9}), (Delivery{Kind::kControl, {}}));
  EXPECT_EQ(delivery_of(median::ContentRequest{}), (Delivery{Kind::kControl, {}}));
  EXPECT_EQ(delivery_of(median::Contents{}), (Delivery{Kind::kSync, {}}));
  EXPECT_EQ(delivery_of(median::FinalRequest{}), (Delivery{Kind::kControl, {}}));
  EXPECT_EQ(delivery_of(median::FinalReply{}), (Delivery{Kind::kSync, {}}));
}

}  // namespace
}  // namespace waggle::net
