#include "consensus/core/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "consensus/core/domain.hpp"

namespace waggle {
namespace {

TEST(Writer, WritesLittleEndian) {
  const Bytes bytes = Writer().u8(1).u32(0x02030405).u64(0x060708090a0b0c0dULL).take();
  EXPECT_EQ(to_hex(bytes),
            "01"
            "05040302"
            "0d0c0b0a09080706");
}

TEST(Writer, WritesIdsAndSizedBytes) {
  EXPECT_EQ(to_hex(Writer().view(View{1}).height(Height{2}).replica(ReplicaId{3}).take()),
            "0100000000000000"
            "0200000000000000"
            "03000000");
  EXPECT_EQ(to_hex(Writer().sized(to_bytes("ab")).sized({}).take()),
            "02000000"
            "6162"
            "00000000");
}

TEST(Writer, TakeLeavesItEmpty) {
  Writer writer;
  writer.u8(1);
  EXPECT_EQ(writer.size(), 1U);
  EXPECT_EQ(writer.take(), Bytes{1});
  EXPECT_EQ(writer.size(), 0U);
}

TEST(Reader, ReadsWhatTheWriterWrote) {
  EXPECT_TRUE(rc::check(
      "round trip", [](std::uint8_t a, std::uint32_t b, std::uint64_t c, bool d, const Bytes& e) {
        const Bytes bytes = Writer().u8(a).u32(b).u64(c).u8(d ? 1 : 0).sized(e).raw(e).take();
        Reader reader(bytes);
        RC_ASSERT(reader.u8() == a);
        RC_ASSERT(reader.u32() == b);
        RC_ASSERT(reader.u64() == c);
        RC_ASSERT(reader.flag() == d);
        const ByteView sized = reader.sized();
        RC_ASSERT(Bytes(sized.begin(), sized.end()) == e);
        RC_ASSERT(reader.done() == e.empty());
        const ByteView raw = reader.raw(e.size());
        RC_ASSERT(Bytes(raw.begin(), raw.end()) == e);
        RC_ASSERT(reader.done());
      }));
}

TEST(Reader, FailureIsSticky) {
  const Bytes bytes{1, 2, 3, 4, 5};
  Reader reader(bytes);
  EXPECT_EQ(reader.u64(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0U);
  EXPECT_TRUE(reader.fixed<Digest>().is_zero());
  EXPECT_TRUE(reader.sized().empty());
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_FALSE(reader.done());
}

TEST(Reader, AFlagIsZeroOrOne) {
  for (unsigned value = 0; value < 256; ++value) {
    const Bytes bytes{static_cast<std::uint8_t>(value)};
    Reader reader(bytes);
    EXPECT_EQ(reader.flag(), value == 1);
    EXPECT_EQ(reader.done(), value <= 1);
  }
}

TEST(Reader, ALengthBeyondTheEndFails) {
  const Bytes bytes = Writer().u32(0xffffffff).raw(Bytes(10)).take();
  Reader reader(bytes);
  EXPECT_TRUE(reader.sized().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Reader, ACountThatCannotFitFails) {
  const Bytes bytes = Writer().u32(3).raw(Bytes(30)).take();
  EXPECT_EQ(Reader(bytes).count(10), 3U);
  Reader reader(bytes);
  EXPECT_EQ(reader.count(11), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(Domain, BytesStartWithTagAndChain) {
  const Digest chain{{9, 9}};
  const Bytes bytes = domain::begin(domain::kVote, chain).take();
  EXPECT_EQ(bytes.size(), 48U);
  EXPECT_EQ(as_text(ByteView(bytes).first(16)), std::string("waggle/vote/1\0\0\0", 16));
}

TEST(Domain, TagsDiffer) {
  const std::vector<domain::Tag> tags = {
      domain::kChain,        domain::kBlock,       domain::kQc,           domain::kTc,
      domain::kTips,         domain::kLeaf,        domain::kNode,         domain::kTipSignatures,
      domain::kForest,       domain::kState,       domain::kVote,         domain::kProposal,
      domain::kTimeout,      domain::kRequest,     domain::kTlsBinding,   domain::kRejoinChallenge,
      domain::kRejoinReport, domain::kSession,     domain::kSessions,     domain::kCompared,
      domain::kCore,         domain::kSnapshot,    domain::kSequence,     domain::kNullLeaf,
      domain::kProof,        domain::kCertificate, domain::kClientRecord, domain::kCommit,
      domain::kSealedProof};
  for (std::size_t i = 0; i < tags.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(tags[i], tags[j]);
  }
}

}  // namespace
}  // namespace waggle
