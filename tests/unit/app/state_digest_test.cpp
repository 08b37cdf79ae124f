#include "smr/app/state_digest.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/sha256.hpp"
#include "tests/unit/app/generators.hpp"

namespace waggle::app {
namespace {

const crypto::Sha256Hasher kHasher;

TEST(StateDigest, OfNothingIsZero) { EXPECT_TRUE(StateDigest(kHasher).value().is_zero()); }

TEST(StateDigest, SeparatesKeyFromValueAndTagFromTag) {
  StateDigest a(kHasher), b(kHasher), c(kHasher, domain::kLeaf);
  a.add(as_bytes("ab"), as_bytes("c"));
  b.add(as_bytes("a"), as_bytes("bc"));
  c.add(as_bytes("ab"), as_bytes("c"));
  EXPECT_NE(a.value(), b.value());
  EXPECT_NE(a.value(), c.value());
}

TEST(StateDigest, CarriesAndBorrowsThroughAllBytes) {
  Digest one, top;
  one.bytes[0] = 1;
  top.bytes.fill(0xff);
  StateDigest digest(kHasher);
  digest.remove(one);
  EXPECT_EQ(digest.value(), top);
  digest.add(one);
  EXPECT_TRUE(digest.value().is_zero());
  digest.add(top);
  digest.remove(top);
  EXPECT_TRUE(digest.value().is_zero());
}

TEST(StateDigest, ContinuesFromAStoredValue) {
  StateDigest whole(kHasher), first(kHasher);
  whole.add(as_bytes("a"), as_bytes("1"));
  first.add(as_bytes("a"), as_bytes("1"));
  StateDigest second(kHasher, domain::kState, first.value());
  whole.add(as_bytes("b"), as_bytes("2"));
  second.add(as_bytes("b"), as_bytes("2"));
  EXPECT_EQ(whole.value(), second.value());
}

TEST(StateDigest, DependsOnTheContentAndNotOnTheHistory) {
  ASSERT_TRUE(rc::check([](const std::map<Bytes, Bytes>& pairs) {
    const auto other = *rc::gen::container<std::vector<Bytes>>(any_bytes());
    StateDigest forward(kHasher), detour(kHasher);
    for (const auto& [key, value] : pairs) forward.add(key, value);
    for (const Bytes& bytes : other) detour.add(bytes, bytes);
    for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
      detour.add(pair->first, pair->second);
    }
    for (const Bytes& bytes : other) detour.remove(bytes, bytes);
    RC_ASSERT(forward.value() == detour.value());
    RC_ASSERT(pairs.empty() == forward.value().is_zero());
  }));
}

}  // namespace
}  // namespace waggle::app
