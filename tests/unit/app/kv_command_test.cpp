#include "smr/app/kv_command.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/app/generators.hpp"

namespace waggle::app {
namespace {

TEST(KvCommand, DecodesToWhatWasEncoded) {
  ASSERT_TRUE(rc::check([] {
    const KvCommand command = *any_command();
    const auto decoded = decode_kv_command(encode(command));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == command);
  }));
}

TEST(KvResult, DecodesToWhatWasEncoded) {
  ASSERT_TRUE(rc::check([] {
    const KvResult result = *any_result();
    const auto decoded = decode_kv_result(encode(result));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == result);
  }));
}

// Exactly one encoding of a value: whatever decodes is what would have been written.
template <class Decode>
void expect_canonical(const Bytes& good, const Decode& decode) {
  for (std::size_t size = 0; size < good.size(); ++size) {
    RC_ASSERT(!decode(ByteView(good).first(size)).has_value());
  }
  Bytes changed = good;
  changed.push_back(0);
  RC_ASSERT(!decode(changed).has_value());
  changed.pop_back();
  changed[*rc::gen::inRange<std::size_t>(0, good.size())] = *rc::gen::arbitrary<std::uint8_t>();
  const auto decoded = decode(changed);
  if (decoded) RC_ASSERT(encode(*decoded) == changed);
}

TEST(KvCommand, HasOneEncoding) {
  ASSERT_TRUE(rc::check([] { expect_canonical(encode(*any_command()), decode_kv_command); }));
}

TEST(KvResult, HasOneEncoding) {
  ASSERT_TRUE(rc::check([] { expect_canonical(encode(*any_result()), decode_kv_result); }));
}

TEST(KvCommand, RefusesUnknownKinds) {
  for (int kind : {0, 7, 255}) {
    Bytes bytes = encode(KvGet{to_bytes("k")});
    bytes[0] = static_cast<std::uint8_t>(kind);
    const auto decoded = decode_kv_command(bytes);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), Refusal::kMalformed);
  }
}

TEST(KvResult, RefusesUnknownStatusAndFalseCounts) {
  Bytes bytes = encode(KvResult{});
  bytes[0] = kKvStatusCount;
  EXPECT_FALSE(decode_kv_result(bytes));
  bytes[0] = 0;
  ASSERT_TRUE(decode_kv_result(bytes));
  bytes[5] = 0xff;  // The highest byte of the count of entries.
  EXPECT_FALSE(decode_kv_result(bytes));
}

TEST(KvStatus, HasANameEach) {
  std::vector<std::string_view> names;
  for (std::uint8_t i = 0; i < kKvStatusCount; ++i) {
    names.push_back(to_string(static_cast<KvStatus>(i)));
    EXPECT_NE(names.back(), "unknown");
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(ParseDecimal, TakesCanonicalNumbersOnly) {
  ASSERT_TRUE(rc::check([](std::int64_t number) {
    RC_ASSERT(parse_decimal(as_bytes(std::to_string(number))) == number);
  }));
  EXPECT_EQ(parse_decimal(as_bytes("9223372036854775807")), INT64_MAX);
  EXPECT_EQ(parse_decimal(as_bytes("-9223372036854775808")), INT64_MIN);
  for (const char* text : {"", "-", "+1", "-0", "00", "01", "-01", " 1", "1 ", "1.0", "0x1", "1e3",
                           "9223372036854775808", "-9223372036854775809", "one"}) {
    EXPECT_EQ(parse_decimal(as_bytes(text)), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace waggle::app
