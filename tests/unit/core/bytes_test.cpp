#include "consensus/core/bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace waggle {
namespace {

TEST(Hex, RoundTrips) {
  EXPECT_TRUE(
      rc::check("hex", [](const Bytes& bytes) { RC_ASSERT(from_hex(to_hex(bytes)) == bytes); }));
}

TEST(Hex, ReadsBothCasesAndWritesLower) {
  EXPECT_EQ(from_hex("00fFaB09"), (Bytes{0x00, 0xff, 0xab, 0x09}));
  EXPECT_EQ(to_hex(Bytes{0x00, 0xff, 0xab, 0x09}), "00ffab09");
}

TEST(Hex, RefusesWhatIsNotHex) {
  for (const char* text : {"0", "000", "0g", "g0", " 00", "0x00", "00 ", "/0", ":0", "@0", "`0"}) {
    EXPECT_FALSE(from_hex(text).has_value()) << text;
  }
}

TEST(FixedBytes, AreReadOnlyFromTheirOwnLength) {
  const std::string hex(64, 'a');
  EXPECT_TRUE(fixed_from_hex<Digest>(hex).has_value());
  EXPECT_EQ(to_hex(fixed_from_hex<Digest>(hex)->view()), hex);
  EXPECT_FALSE(fixed_from_hex<Digest>(hex.substr(2)).has_value());
  EXPECT_FALSE(fixed_from_hex<Digest>(hex + "aa").has_value());
  EXPECT_FALSE(fixed_from_hex<Signature>(hex).has_value());
}

TEST(FixedBytes, AreZeroByDefaultAndOrdered) {
  EXPECT_TRUE(Digest{}.is_zero());
  EXPECT_FALSE((Digest{{0, 1}}).is_zero());
  EXPECT_LT((Digest{{0, 1}}), (Digest{{1, 0}}));
  EXPECT_EQ(short_hex(Digest{{0xde, 0xad, 0xbe, 0xef, 1}}), "deadbeef");
}

}  // namespace
}  // namespace waggle
