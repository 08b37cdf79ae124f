#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/core/sample_values.hpp"

/// What must hold of every decoder of consensus/core: it reads what was written, refuses what is
/// shorter or longer, and accepts no second encoding of any value.
namespace waggle {
namespace {

class Decoder : public testing::TestWithParam<Codec> {
 protected:
  /// Checks a property of the encodings of random values.
  template <class Property>
  static void check(const char* name, Property property) {
    EXPECT_TRUE(rc::check(name, [&property](std::uint64_t seed) {
      Draw draw(seed);
      property(GetParam().sample(draw), draw);
    }));
  }
  static std::optional<Bytes> recode(ByteView bytes) { return GetParam().recode(bytes); }
};

TEST_P(Decoder, ReadsWhatWasWritten) {
  check("round trip", [](const Bytes& bytes, Draw&) { RC_ASSERT(recode(bytes) == bytes); });
}

TEST_P(Decoder, RefusesEveryTruncation) {
  check("truncation", [](const Bytes& bytes, Draw&) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const ByteView part = ByteView(bytes).first(size);
      const auto read = recode(part);
      if (!read) continue;
      RC_ASSERT(GetParam().is_list);
      RC_ASSERT(*read == Bytes(part.begin(), part.end()));
    }
  });
}

TEST_P(Decoder, RefusesATrailingByte) {
  check("trailing byte", [](Bytes bytes, Draw& draw) {
    bytes.push_back(static_cast<std::uint8_t>(draw.u32()));
    RC_ASSERT(!recode(bytes));
  });
}

TEST_P(Decoder, AFlippedBitIsRefusedOrAnotherValue) {
  check("bit flip", [](const Bytes& bytes, Draw& draw) {
    if (bytes.empty()) return;
    for (int i = 0; i < 50; ++i) {
      const Bytes flipped = with_flipped_bit(bytes, draw.up_to(bytes.size() * 8 - 1));
      const auto read = recode(flipped);
      RC_ASSERT((!read || *read == flipped));
    }
  });
}

TEST_P(Decoder, ArbitraryBytesAreRefusedOrTheOneEncoding) {
  check("arbitrary bytes", [](const Bytes& sample, Draw& draw) {
    const Bytes junk = draw.bytes(sample.size() + 8);
    const auto read = recode(junk);
    RC_ASSERT((!read || *read == junk));
  });
}

INSTANTIATE_TEST_SUITE_P(Core, Decoder, testing::ValuesIn(codecs()),
                         [](const auto& param_info) { return param_info.param.name; });

// Bytes that survive a round trip could still be put into the wrong fields.
template <class T>
bool same_value(const T& value, T (*decode)(Reader&)) {
  const Bytes bytes = encoding_of(value);
  Reader reader(bytes);
  return decode(reader) == value && reader.done();
}

TEST(Decoders, FillTheFieldsThatWereWritten) {
  EXPECT_TRUE(rc::check("fields", [](std::uint64_t seed) {
    Draw draw(seed);
    RC_ASSERT(same_value(draw.tip(), decode_tip));
    RC_ASSERT(same_value(draw.qc_ref(), decode_qc_ref));
    RC_ASSERT(same_value(draw.qc(), decode_qc));
    RC_ASSERT(same_value(draw.tc(), decode_tc));
    RC_ASSERT(same_value(draw.header(), decode_header));
  }));
}

TEST(Decoders, FillTheFieldsOfATimeout) {
  EXPECT_TRUE(rc::check("timeout", [](std::uint64_t seed) {
    const Timeout timeout = Draw(seed).timeout();
    const Bytes bytes = encoding_of(timeout);
    Reader reader(bytes);
    const Timeout read = decode_timeout(reader);
    RC_ASSERT((read.view == timeout.view && read.sender == timeout.sender));
    RC_ASSERT((read.tip == timeout.tip && read.signature == timeout.signature));
    RC_ASSERT((read.tip_vote == timeout.tip_vote && read.high_qc == timeout.high_qc));
    RC_ASSERT((read.full_qc == nullptr) == (timeout.full_qc == nullptr));
    RC_ASSERT((read.full_qc == nullptr || *read.full_qc == *timeout.full_qc));
  }));
}

TEST(Decoders, FillTheFieldsOfABlock) {
  EXPECT_TRUE(rc::check("block", [](std::uint64_t seed) {
    const SampleChain& chain = sample_chain();
    const Block block = Draw(seed).block();
    const auto read = chain.decode(chain.encoded(block), block.payload->bytes());
    RC_ASSERT(read.has_value());
    RC_ASSERT(((*read)->header == block.header && (*read)->signature == block.signature));
    RC_ASSERT((*(*read)->qc == *block.qc && ((*read)->tc == nullptr) == (block.tc == nullptr)));
    RC_ASSERT((block.tc == nullptr || *(*read)->tc == *block.tc));
    RC_ASSERT((*read)->payload->root() == block.payload->root());
    RC_ASSERT((*read)->id == block_id(block.header, chain.config.chain_id, chain.hasher));
  }));
}

TEST(Decoders, ATimeoutCertificateNamesOnlyTipsThatItHolds) {
  TimeoutCert tc = *sample_chain().tc_3;
  tc.entries[0].tip = static_cast<std::uint32_t>(tc.tips.size());
  EXPECT_FALSE(codecs()[3].recode(encoding_of(tc)).has_value());
}

}  // namespace
}  // namespace waggle
