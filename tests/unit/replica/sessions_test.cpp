#include "smr/replica/sessions.hpp"

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "tests/unit/replica/requests.hpp"

namespace waggle::smr {
namespace {

using enum Decision;
const crypto::Sha256Hasher kHasher;
const ClientId kAnn = client_of(0), kBen = client_of(1), kCid = client_of(2);

void admit_all(Sessions& sessions, const ClientId& client, std::uint64_t first,
               std::uint64_t last) {
  for (std::uint64_t number = first; number <= last; ++number) {
    ASSERT_EQ(sessions.admit(client, number), kExecute) << number;
  }
}

RequestRef request(const ClientId& client, std::uint64_t first, std::uint32_t count) {
  return {client, first, count};
}

TEST(Sessions, ANumberExecutesOnce) {
  Sessions sessions(4, kHasher);
  EXPECT_EQ(sessions.next_number(kAnn), 1u);
  EXPECT_EQ(sessions.admit(kAnn, 1), kExecute);
  EXPECT_EQ(sessions.admit(kAnn, 1), kDuplicate);
  EXPECT_EQ(sessions.admit(kAnn, 2), kExecute);
  EXPECT_EQ(sessions.next_number(kAnn), 3u);
  EXPECT_EQ(sessions.next_number(kBen), 1u);
}

TEST(Sessions, NumberZeroNeverExecutes) {
  Sessions sessions(4, kHasher);
  EXPECT_EQ(sessions.admit(kAnn, 0), kExpired);
  EXPECT_EQ(sessions.size(), 0u);
  sessions.admit(kAnn, 1);
  EXPECT_EQ(sessions.admit(kAnn, 0), kExpired);
}

TEST(Sessions, TheWindowCommitsInAnyOrder) {
  Sessions sessions(4, kHasher);
  EXPECT_EQ(sessions.admit(kAnn, 257), kTooFar);
  EXPECT_EQ(sessions.size(), 0u) << "a refused command begins no session";
  EXPECT_EQ(sessions.admit(kAnn, 256), kExecute);
  EXPECT_EQ(sessions.admit(kAnn, 256), kDuplicate);
  EXPECT_EQ(sessions.admit(kAnn, UINT64_MAX), kTooFar);
  for (std::uint64_t number = 255; number >= 2; --number) {
    EXPECT_EQ(sessions.admit(kAnn, number), kExecute);
  }
  EXPECT_EQ(sessions.next_number(kAnn), 1u);
  EXPECT_EQ(sessions.admit(kAnn, 257), kTooFar);
  EXPECT_EQ(sessions.admit(kAnn, 1), kExecute);
  EXPECT_EQ(sessions.next_number(kAnn), 257u);
  EXPECT_EQ(sessions.check(kAnn, 512), kExecute);
  EXPECT_EQ(sessions.check(kAnn, 513), kTooFar);
}

TEST(Sessions, ResultsOfTheLatestNumbersAreKept) {
  Sessions sessions(4, kHasher);
  admit_all(sessions, kAnn, 1, 256);
  EXPECT_TRUE(sessions.take_changes().expired.empty());
  EXPECT_EQ(sessions.check(kAnn, 1), kDuplicate);
  admit_all(sessions, kAnn, 257, 300);
  EXPECT_EQ(sessions.check(kAnn, 44), kExpired);
  EXPECT_EQ(sessions.check(kAnn, 45), kDuplicate);
  EXPECT_TRUE(sessions.take_changes().expired.empty()) << "erased 64 at once";
  admit_all(sessions, kAnn, 301, 318);
  EXPECT_TRUE(sessions.take_changes().expired.empty());
  admit_all(sessions, kAnn, 319, 319);  // 64 is the lowest that is kept
  EXPECT_EQ(sessions.take_changes().expired, (std::vector<ResultRange>{{kAnn, 1, 63}}));
  EXPECT_TRUE(sessions.take_changes().expired.empty());
  admit_all(sessions, kAnn, 320, 500);
  EXPECT_EQ(sessions.take_changes().expired, (std::vector<ResultRange>{{kAnn, 64, 191}}));
}

TEST(Sessions, TheLeastRecentlyExecutedIsEvicted) {
  Sessions sessions(2, kHasher);
  admit_all(sessions, kAnn, 1, 3);
  admit_all(sessions, kBen, 1, 1);
  sessions.admit(kAnn, 3);  // A duplicate is no use of a session.
  sessions.take_changes();
  EXPECT_EQ(sessions.admit(kCid, 1), kExecute);
  EXPECT_EQ(sessions.size(), 2u);
  EXPECT_EQ(sessions.evictions(), 1u);
  EXPECT_EQ(sessions.floor(), 3u);
  const SessionChanges changes = sessions.take_changes();
  EXPECT_EQ(changes.evicted, std::vector<ClientId>{kAnn});
  EXPECT_EQ(changes.expired, (std::vector<ResultRange>{{kAnn, 1, 3}}));
  ASSERT_EQ(changes.rows.size(), 1u);
  EXPECT_EQ(changes.rows[0].client, kCid);
}

TEST(Sessions, NothingRunsAgainAfterEviction) {
  Sessions sessions(1, kHasher);
  admit_all(sessions, kAnn, 1, 10);
  EXPECT_EQ(sessions.admit(kAnn, 20), kExecute);
  EXPECT_EQ(sessions.admit(kBen, 5), kExecute);  // Evicts Ann, who had executed up to 20.
  EXPECT_EQ(sessions.floor(), 20u);
  for (std::uint64_t number = 0; number <= 20; ++number) {
    EXPECT_EQ(sessions.admit(kAnn, number), kExpired) << number;
  }
  EXPECT_EQ(sessions.next_number(kAnn), 21u);
  EXPECT_EQ(sessions.check(kAnn, 277), kTooFar);
  EXPECT_EQ(sessions.admit(kAnn, 276), kExecute);
  EXPECT_EQ(sessions.admit(kAnn, 15), kExpired) << "below the new session's first number";
  EXPECT_EQ(sessions.admit(kAnn, 21), kExecute);
}

TEST(Sessions, ANewcomerBeginsAtTheFloorBeforeTheEvictionItCauses) {
  Sessions sessions(1, kHasher);
  admit_all(sessions, kAnn, 1, 100);
  EXPECT_EQ(sessions.check(kBen, 1), kExecute);
  EXPECT_EQ(sessions.admit(kBen, 1), kExecute);
  EXPECT_EQ(sessions.next_number(kBen), 2u);
  EXPECT_EQ(sessions.next_number(kAnn), 101u);
}

TEST(Sessions, EvictedAndBackBetweenTwoTakesIsARowAndAnExpiry) {
  Sessions sessions(1, kHasher);
  admit_all(sessions, kAnn, 1, 2);
  sessions.take_changes();
  sessions.admit(kBen, 1);
  sessions.admit(kAnn, 3);
  const SessionChanges changes = sessions.take_changes();
  EXPECT_EQ(changes.evicted, std::vector<ClientId>{kBen});
  ASSERT_EQ(changes.rows.size(), 1u);
  EXPECT_EQ(changes.rows[0].client, kAnn);
  EXPECT_EQ(changes.expired, (std::vector<ResultRange>{{kAnn, 1, 2}, {kBen, 1, 1}}));
}

TEST(Sessions, ARequestIsCheckedAsAWhole) {
  Sessions sessions(4, kHasher);
  EXPECT_EQ(sessions.check(request(kAnn, 1, 1024)), kExecute) << "the window moves along";
  EXPECT_EQ(sessions.check(request(kAnn, 2, 255)), kExecute);
  EXPECT_EQ(sessions.check(request(kAnn, 2, 256)), kTooFar);
  EXPECT_EQ(sessions.check(request(kAnn, UINT64_MAX - 1, 2)), kTooFar);
  admit_all(sessions, kAnn, 1, 1024);
  EXPECT_EQ(sessions.check(request(kAnn, 1, 1024)), kExpired);
  EXPECT_EQ(sessions.check(request(kAnn, 769, 256)), kDuplicate);
  EXPECT_EQ(sessions.check(request(kAnn, 1000, 26)), kExecute);
  sessions.admit(kAnn, 1030);
  EXPECT_EQ(sessions.check(request(kAnn, 1030, 1)), kDuplicate);
  EXPECT_EQ(sessions.check(request(kAnn, 1029, 2)), kExecute);
}

// Frozen: rows lie on disk (FORMAT.md).
TEST(Sessions, RowsAreFrozen) {
  Sessions sessions(4, kHasher);
  admit_all(sessions, kAnn, 1, 2);
  sessions.admit(kAnn, 4);
  sessions.admit(kAnn, 258);
  const SessionChanges changes = sessions.take_changes();
  EXPECT_EQ(to_hex(changes.globals), "00000000000000000400000000000000");
  ASSERT_EQ(changes.rows.size(), 1u);
  EXPECT_EQ(to_hex(changes.rows[0].value),
            "010000000000000003000000000000000400000000000000"
            "0200000000000000000000000000000000000000000000000000000000000080");
  EXPECT_EQ(to_hex(sessions.digest().view()),
            "a03ef0aae61bf50ed5fa793ae5d8ce9bd3adb0a9e44c9165fcdf5b0418dbc620");
}

class SessionsLoad : public testing::Test {
 protected:
  SessionsLoad() {
    Sessions sessions(3, kHasher);
    for (const ClientId& client : {kAnn, kBen, kCid, client_of(3)}) {
      admit_all(sessions, client, 1, 2);
    }
    changes_ = sessions.take_changes();
    digest_ = sessions.digest();
  }
  bool loads(std::uint32_t sessions_max = 3) const {
    return Sessions::load(sessions_max, kHasher, changes_.globals, changes_.rows).has_value();
  }
  /// Sets the u64 at a byte of a row: 0 start, 8 low, 16 last commit, 24 window.
  void set(std::size_t row, std::size_t at, std::uint64_t value) {
    const Bytes bytes = Writer().u64(value).take();
    std::copy(bytes.begin(), bytes.end(),
              changes_.rows[row].value.begin() + static_cast<std::ptrdiff_t>(at));
  }

  SessionChanges changes_;
  Digest digest_;
};

TEST_F(SessionsLoad, GivesTheSameSessions) {
  ASSERT_TRUE(loads());
  const auto loaded = Sessions::load(3, kHasher, changes_.globals, changes_.rows);
  EXPECT_EQ(loaded->digest(), digest_);
  EXPECT_EQ(loaded->size(), 3u);
  EXPECT_EQ(loaded->floor(), 2u);
}

TEST_F(SessionsLoad, RefusesMoreThanTheLimit) { EXPECT_FALSE(loads(2)); }

TEST_F(SessionsLoad, RefusesRowsOutOfOrderOrTwice) {
  std::swap(changes_.rows[0], changes_.rows[1]);
  EXPECT_FALSE(loads());
  changes_.rows[1] = changes_.rows[0];
  EXPECT_FALSE(loads());
}

TEST_F(SessionsLoad, RefusesBytesMissingOrLeftOver) {
  changes_.rows[0].value.push_back(0);
  EXPECT_FALSE(loads());
  changes_.rows[0].value.resize(55);
  EXPECT_FALSE(loads());
  changes_.rows[0].value.resize(56);
  EXPECT_TRUE(loads());
  changes_.globals.push_back(0);
  EXPECT_FALSE(loads());
}

TEST_F(SessionsLoad, RefusesNumbersThatCannotBe) {
  const auto refuses = [this](std::size_t at, std::uint64_t value) {
    const SessionChanges good = changes_;
    set(1, at, value);
    const bool refused = !loads();
    changes_ = good;
    return refused;
  };
  EXPECT_TRUE(refuses(0, 0)) << "numbers start at 1";
  EXPECT_TRUE(refuses(0, 4)) << "start above low";
  EXPECT_TRUE(refuses(0, 3)) << "a session that executed nothing";
  EXPECT_TRUE(refuses(8, 0));
  EXPECT_TRUE(refuses(8, UINT64_MAX));
  EXPECT_TRUE(refuses(16, 0)) << "never executed";
  EXPECT_TRUE(refuses(16, 9)) << "executed in the future";
  EXPECT_TRUE(refuses(16, 8)) << "the place of another session";
  EXPECT_TRUE(refuses(24, 1)) << "the lowest unexecuted number executed";
  set(1, 0, 4);
  set(1, 8, 5);
  EXPECT_FALSE(loads()) << "a start above floor + 1";
}

}  // namespace
}  // namespace waggle::smr
