#include "crypto/sha256.hpp"

#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/crypto/vector_file.hpp"

namespace waggle::crypto {
namespace {

TEST(Sha256Hasher, AgreesWithTheVectorsOfNist) {
  const auto records = load_vectors("sha256_nist.txt");
  ASSERT_EQ(records.size(), 9U);
  for (const VectorRecord& record : records) {
    const Bytes unit = record.bytes("message");
    const int times = std::stoi(record.text("times", "1"));
    Bytes message;
    for (int i = 0; i < times; ++i) message.insert(message.end(), unit.begin(), unit.end());
    EXPECT_EQ(to_hex(Sha256Hasher().hash({message}).view()), record.text("digest", ""));
  }
}

TEST(Sha256Hasher, HashesPartsAsIfTheyWereOne) {
  EXPECT_TRUE(rc::check("parts", [](const Bytes& a, const Bytes& b, const Bytes& c) {
    Bytes whole = a;
    whole.insert(whole.end(), b.begin(), b.end());
    whole.insert(whole.end(), c.begin(), c.end());
    const Sha256Hasher hasher;
    RC_ASSERT(hasher.hash({a, b, c}) == hasher.hash({whole}));
    RC_ASSERT(hasher.hash({ByteView{}, whole, ByteView{}}) == hasher.hash({whole}));
  }));
}

TEST(Sha256Hasher, NoPartsAreTheEmptyMessage) {
  EXPECT_EQ(Sha256Hasher().hash({}), Sha256Hasher().hash({ByteView{}}));
}

TEST(Sha256Hasher, EveryBitCounts) {
  const Sha256Hasher hasher;
  Bytes message(70, 0x5a);
  const Digest original = hasher.hash({message});
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    message[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_NE(hasher.hash({message}), original) << "bit " << bit;
    message[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

TEST(Sha256Hasher, ServesManyThreads) {
  const Sha256Hasher hasher;
  const Bytes message(100, 7);
  const Digest expected = hasher.hash({message});
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (int& count : wrong) {
    threads.emplace_back([&hasher, &message, &expected, &count] {
      for (int i = 0; i < 1000; ++i) count += hasher.hash({message}) == expected ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, (std::array<int, 4>{}));
}

}  // namespace
}  // namespace waggle::crypto
