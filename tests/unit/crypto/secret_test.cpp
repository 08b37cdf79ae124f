#include "crypto/secret.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace waggle::crypto {
namespace {

bool all_zero(const volatile std::uint8_t* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

TEST(Wipe, OverwritesASpan) {
  std::array<std::uint8_t, 40> bytes;
  bytes.fill(0xaa);
  wipe(std::span(bytes).first(30));
  EXPECT_TRUE(all_zero(bytes.data(), 30));
  EXPECT_EQ(bytes[30], 0xaa);
  wipe(std::span<std::uint8_t>{});
}

TEST(Wipe, OverwritesTheWholeBufferOfBytes) {
  Bytes bytes(40, 0xaa);
  bytes.reserve(100);
  bytes.resize(20);  // what was behind the new end is still in memory
  const std::uint8_t* const memory = bytes.data();
  const std::size_t capacity = bytes.capacity();
  wipe(bytes);
  EXPECT_TRUE(bytes.empty());
  ASSERT_EQ(bytes.data(), memory);
  EXPECT_TRUE(all_zero(memory, capacity));
}

TEST(Wipe, OverwritesTheWholeBufferOfAString) {
  for (const std::size_t size : {5U, 100U}) {  // inside the object, and on the heap
    std::string text(size, 'x');
    const auto* const memory = reinterpret_cast<const std::uint8_t*>(text.data());
    wipe(text);
    EXPECT_TRUE(text.empty());
    EXPECT_TRUE(all_zero(memory, size));
  }
}

TEST(WipeGuard, WipesWhenTheScopeEnds) {
  std::array<std::uint8_t, 16> bytes;
  bytes.fill(0xaa);
  {
    const WipeGuard guard(bytes);
    EXPECT_EQ(bytes[0], 0xaa);
  }
  EXPECT_TRUE(all_zero(bytes.data(), bytes.size()));
}

TEST(ConstantTimeEqual, IsEquality) {
  EXPECT_TRUE(rc::check("equality", [](const Bytes& a, const Bytes& b) {
    RC_ASSERT(constant_time_equal(a, b) == (a == b));
    RC_ASSERT(constant_time_equal(a, Bytes(a)));
  }));
}

TEST(ConstantTimeEqual, SeesEveryBitAndTheLength) {
  const Bytes original(20, 0x33);
  for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
    Bytes other = original;
    other[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(constant_time_equal(original, other));
  }
  EXPECT_FALSE(constant_time_equal(original, ByteView(original).first(19)));
  EXPECT_TRUE(constant_time_equal({}, {}));
}

TEST(SecretBytes, StartsAsZeros) {
  SecretBytes secret(32);
  EXPECT_EQ(secret.size(), 32U);
  EXPECT_TRUE(all_zero(secret.view().data(), 32));
  secret.writable()[31] = 9;
  EXPECT_EQ(secret.view()[31], 9);
}

TEST(SecretBytes, MovesItsMemory) {
  SecretBytes first(8);
  first.writable()[0] = 1;
  const std::uint8_t* const memory = first.view().data();
  SecretBytes second(std::move(first));
  EXPECT_EQ(second.view().data(), memory);
  EXPECT_EQ(first.size(), 0U);  // NOLINT(bugprone-use-after-move)
  SecretBytes third(4);
  third = std::move(second);
  EXPECT_EQ(third.view().data(), memory);
  EXPECT_EQ(third.view()[0], 1);
}

TEST(SecretBytesDeathTest, IsOutOfReachAfterItsEndAndBeyondItsBounds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const volatile std::uint8_t* memory = nullptr;
        {
          const SecretBytes secret(32);
          memory = secret.view().data();
        }
        std::exit(memory[0]);
      },
      "");
  EXPECT_DEATH(
      {
        const SecretBytes secret(32);
        const volatile std::uint8_t* const memory = secret.view().data();
        std::exit(memory[32]);
      },
      "");
}

}  // namespace
}  // namespace waggle::crypto
