#include "net/frame_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/net/codec_samples.hpp"

namespace waggle::net {
namespace {

/// Feeds the reader pieces of random size; returns the frames, or the first refusal.
Result<std::vector<Frame>, Refusal> feed(FrameReader& reader, ByteView bytes, Draw& draw) {
  std::vector<Frame> frames;
  while (!bytes.empty()) {
    const auto want = reader.want();
    const std::size_t size = std::min({bytes.size(), want.size(), 1 + draw.up_to(700)});
    std::copy_n(bytes.begin(), size, want.begin());
    bytes = bytes.subspan(size);
    const auto complete = reader.advance(size);
    if (!complete) return Unexpected{complete.error()};
    if (*complete) frames.push_back(reader.take());
  }
  return frames;
}

TEST(FrameReader, PutsFramesTogetherFromAnyPieces) {
  EXPECT_TRUE(rc::check("pieces", [](std::uint64_t seed) {
    Draw draw(seed);
    std::vector<Frame> sent(1 + draw.up_to(4));
    Bytes stream;
    for (Frame& frame : sent) {
      frame = random_peer_frame(draw);
      const Bytes bytes = wire_bytes(frame);
      stream.insert(stream.end(), bytes.begin(), bytes.end());
    }
    FrameReader reader({});
    const auto read = feed(reader, stream, draw);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      RC_ASSERT(wire_bytes((*read)[i]) == wire_bytes(sent[i]));
      RC_ASSERT((*read)[i].segments.size() == sent[i].segments.size());
    }
    RC_ASSERT(!reader.partial());
  }));
}

TEST(FrameReader, ATruncatedFrameIsPartialAtEveryLength) {
  Draw draw(1);
  const Bytes bytes = wire_bytes(wire_kinds()[0].sample(draw));  // a proposal
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    FrameReader reader({});
    const auto read = feed(reader, ByteView(bytes).first(size), draw);
    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(read->empty());
    EXPECT_TRUE(reader.partial());
  }
}

TEST(FrameReader, SurvivesArbitraryBytes) {
  EXPECT_TRUE(rc::check("junk", [](std::uint64_t seed) {
    Draw draw(seed);
    Bytes junk = draw.bytes(4000);
    if (junk.size() > 8 && draw.flag())
      junk[1] = junk[2] = junk[3] = junk[5] = junk[6] = junk[7] = 0;
    FrameReader reader({});
    (void)feed(reader, junk, draw);
  }));
}

TEST(FrameReader, RefusesLengthsAboveTheLimits) {
  Draw draw(1);
  const FrameLimits limits{.header_bytes_max = 100, .payload_bytes_max = 200, .segments_max = 4};
  const auto refusal = [&](std::uint32_t header, std::uint32_t payload) {
    FrameReader reader(limits);
    return feed(reader, Writer().u32(header).u32(payload).bytes(), draw).error();
  };
  EXPECT_EQ(refusal(101, 0), Refusal::kTooLarge);
  EXPECT_EQ(refusal(100, 201), Refusal::kTooLarge);
  EXPECT_EQ(refusal(0xffffffff, 0xffffffff), Refusal::kTooLarge);
  EXPECT_EQ(refusal(0, 0), Refusal::kMalformed);
}

TEST(FrameReader, ReadsPastWhatIsTooLargeAndKeepsItsBeginning) {
  EXPECT_TRUE(rc::check("cut", [](std::uint64_t seed) {
    Draw draw(seed);
    const FrameLimits limits{.payload_bytes_max = 1000, .payload_head_bytes = 44};
    Bytes large = draw.bytes(200'000);
    large.resize(large.size() + 1001);
    const Frame sent = encode_client(smr::Submit{std::make_shared<const Bytes>(large)});
    const Frame next = encode_client(smr::StatusQuery{});
    Bytes stream = wire_bytes(sent);
    const Bytes behind = wire_bytes(next);
    stream.insert(stream.end(), behind.begin(), behind.end());
    FrameReader reader(limits);
    const auto read = feed(reader, stream, draw);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->size() == 2u);
    const auto cut = decode_cut(read->front());
    RC_ASSERT(cut.has_value());
    RC_ASSERT(cut->size == large.size());
    RC_ASSERT(*cut->head == Bytes(large.begin(), large.begin() + 44));
    RC_ASSERT(wire_bytes(read->back()) == behind);
    RC_ASSERT(!decode_cut(read->back()).has_value());
  }));
}

TEST(FrameReader, HoldsOnlyWhatHasArrived) {
  Draw draw(1);
  const Frame frame = encode_client(smr::Submit{std::make_shared<const Bytes>(8 << 20)});
  const Bytes bytes = wire_bytes(frame);
  FrameReader reader({});
  ASSERT_TRUE(feed(reader, ByteView(bytes).first(8 + frame.header.size()), draw).has_value());
  EXPECT_LE(reader.want().size(), 64u << 10);
}

TEST(FrameReader, EmptySegmentsCostNothing) {
  Draw draw(1);
  const auto none = std::make_shared<const Bytes>();
  const auto one = std::make_shared<const Bytes>(Bytes{7});
  const Bytes bytes = wire_bytes(encode_peer(Forward{{none, none, one, none}}));
  FrameReader reader({});
  const auto read = feed(reader, bytes, draw);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().segments.size(), 4u);
  EXPECT_EQ(*read->front().segments[2], Bytes{7});
}

}  // namespace
}  // namespace waggle::net
