#include "smr/replica/mempool.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "tests/unit/replica/requests.hpp"

namespace waggle::smr {
namespace {

const crypto::Sha256Hasher kHasher;

class MempoolTest : public testing::Test {
 protected:
  explicit MempoolTest(const MempoolLimits& limits = {}) { reset(limits); }

  void reset(const MempoolLimits& limits, const Limits& chain_limits = {}) {
    mempool_.emplace(limits, chain_limits, sessions_, kHasher);
  }
  /// Nothing when it was taken.
  std::optional<Refusal> add(const TestRequest& request) {
    const auto added = mempool_->add(request.bytes, request.ref);
    if (added) return std::nullopt;
    return added.error();
  }
  std::vector<std::uint64_t> numbers(const PayloadPtr& payload) {
    std::vector<std::uint64_t> firsts;
    for (const RequestRef& request : payload->requests()) firsts.push_back(request.first);
    return firsts;
  }
  std::vector<std::uint64_t> built(const std::vector<PayloadPtr>& in_flight = {}) {
    return numbers(mempool_->build(in_flight));
  }
  void commit(const PayloadPtr& payload) {
    for (const RequestRef& request : payload->requests()) {
      for (std::uint64_t n = request.first; n <= request.last(); ++n) {
        sessions_.admit(request.client, n);
      }
    }
    mempool_->on_committed(*payload);
  }
  static std::size_t size_of(const TestRequest& request) { return request.bytes->size(); }

  using Numbers = std::vector<std::uint64_t>;
  Sessions sessions_{2, kHasher};
  std::optional<Mempool> mempool_;
};

TEST_F(MempoolTest, BuildsInOrderOfArrival) {
  EXPECT_TRUE(mempool_->empty());
  EXPECT_TRUE(mempool_->build({})->is_empty());
  for (const std::uint64_t number : {3, 1, 2}) EXPECT_EQ(add(make(0, number)), std::nullopt);
  EXPECT_EQ(add(make(1, 4)), std::nullopt);
  EXPECT_FALSE(mempool_->empty());
  EXPECT_EQ(built(), (Numbers{3, 1, 2, 4}));
  EXPECT_EQ(built(), (Numbers{3, 1, 2, 4})) << "building removes nothing";
}

TEST_F(MempoolTest, RefusesWhatIsThereOldOrTooFar) {
  EXPECT_EQ(add(make(0, 1)), std::nullopt);
  EXPECT_EQ(add(make(0, 1)), Refusal::kDuplicate);
  EXPECT_EQ(add(make(0, 1, 2)), std::nullopt) << "other numbers, another request";
  EXPECT_EQ(add(make(0, 257)), Refusal::kNumberTooFar);
  EXPECT_EQ(add(make(0, 256)), std::nullopt);
  commit(payload_of({make(0, 1, 5)}, kHasher));
  EXPECT_EQ(add(make(0, 2, 3)), Refusal::kNumberOld);
  EXPECT_EQ(add(make(0, 5, 2)), std::nullopt) << "one of its commands is new";
}

TEST_F(MempoolTest, LeavesOutWhatIsInFlight) {
  for (const std::uint64_t number : {1, 2, 3, 4}) add(make(0, number));
  const PayloadPtr one = payload_of({make(0, 1), make(0, 3)}, kHasher);
  const PayloadPtr two = payload_of({make(0, 2), make(1, 4)}, kHasher);
  EXPECT_EQ(built({one}), (Numbers{2, 4}));
  EXPECT_EQ(built({one, two}), (Numbers{4}));
  EXPECT_EQ(built(), (Numbers{1, 2, 3, 4}));
}

TEST_F(MempoolTest, FillsAPayloadUpToTheFirstThatDoesNotFit) {
  const std::size_t each = 4 + size_of(make(0, 1));
  Limits limits;
  limits.payload_bytes_max = static_cast<std::uint32_t>(3 * each + 1);
  reset({}, limits);
  for (const std::uint64_t number : {1, 2}) add(make(0, number));
  EXPECT_EQ(add(make(0, 3, 1, 8 + 2)), std::nullopt);
  EXPECT_EQ(add(make(0, 4)), std::nullopt);
  EXPECT_EQ(built(), (Numbers{1, 2})) << "4 would fit but is younger than 3";
  EXPECT_EQ(built({payload_of({make(0, 1)}, kHasher)}).size(), 2u);
  EXPECT_EQ(add(make(0, 5, 1, 8 + 2 * each + 2)), Refusal::kTooLarge);
  EXPECT_EQ(add(make(0, 5, 1, 8 + 2 * each + 1)), std::nullopt);
}

TEST_F(MempoolTest, IsBoundedInRequestsAndBytes) {
  const std::size_t each = size_of(make(0, 1));
  reset({.requests_max = 2});
  EXPECT_EQ(add(make(0, 1)), std::nullopt);
  EXPECT_EQ(add(make(1, 1)), std::nullopt);
  EXPECT_EQ(add(make(2, 1)), Refusal::kMempoolFull);
  EXPECT_EQ(add(make(1, 1)), Refusal::kDuplicate) << "rather than full";
  reset({.bytes_max = 2 * each});
  EXPECT_EQ(add(make(0, 1)), std::nullopt);
  EXPECT_EQ(add(make(1, 1, 1, 9)), Refusal::kMempoolFull);
  EXPECT_EQ(add(make(1, 1)), std::nullopt);
  EXPECT_EQ(mempool_->bytes(), 2 * each);
  commit(payload_of({make(1, 1)}, kHasher));
  EXPECT_EQ(add(make(2, 1)), std::nullopt);
}

TEST_F(MempoolTest, GivesEachClientAShare) {
  const std::size_t each = size_of(make(0, 1));
  reset({.client_requests_max = 2});
  EXPECT_EQ(add(make(0, 1)), std::nullopt);
  EXPECT_EQ(add(make(0, 2)), std::nullopt);
  EXPECT_EQ(add(make(0, 3)), Refusal::kClientShareFull);
  EXPECT_EQ(add(make(1, 3)), std::nullopt);
  reset({.client_bytes_max = 2 * each});
  EXPECT_EQ(add(make(0, 1)), std::nullopt);
  EXPECT_EQ(add(make(0, 2, 1, 9)), Refusal::kClientShareFull);
  EXPECT_EQ(add(make(0, 2)), std::nullopt);
  commit(payload_of({make(0, 1)}, kHasher));
  EXPECT_EQ(add(make(0, 3)), std::nullopt);
}

TEST_F(MempoolTest, ACommitDropsWhatItExecutedUnderOtherBounds) {
  for (const std::uint64_t number : {1, 2, 3, 9}) add(make(0, number));
  add(make(0, 3, 2));
  commit(payload_of({make(0, 1, 3)}, kHasher));
  EXPECT_EQ(built(), (Numbers{9, 3})) << "3 .. 4 still holds something new";
  EXPECT_EQ(mempool_->size(), 2u);
}

TEST_F(MempoolTest, DropsRequestsOfEvictedClients) {
  commit(payload_of({make(0, 1, 200)}, kHasher));
  add(make(1, 1));
  add(make(2, 300));
  EXPECT_EQ(mempool_->size(), 1u) << "300 is too far for a client without a session";
  add(make(0, 201));
  for (const unsigned client : {3u, 4u}) commit(payload_of({make(client, 1)}, kHasher));
  ASSERT_EQ(sessions_.floor(), 200u);
  EXPECT_EQ(mempool_->size(), 2u);
  mempool_->tick();
  EXPECT_EQ(mempool_->size(), 1u) << "number 1 of a client without a session is old now";
  EXPECT_EQ(built(), Numbers{201});
}

TEST_F(MempoolTest, BuildThrowsOutWhatIsOld) {
  add(make(0, 1));
  sessions_.admit(client_of(0), 1);
  EXPECT_TRUE(mempool_->build({})->is_empty());
  EXPECT_TRUE(mempool_->empty());
  EXPECT_EQ(mempool_->bytes(), 0u);
}

TEST_F(MempoolTest, ForwardsOnceAfterAFullDelay) {
  const TestRequest early = make(0, 1), late = make(0, 2);
  add(early);
  EXPECT_TRUE(mempool_->tick().empty()) << "it may have come just before";
  add(late);
  EXPECT_EQ(mempool_->tick(), std::vector<SharedBytes>{early.bytes});
  EXPECT_EQ(mempool_->tick(), std::vector<SharedBytes>{late.bytes});
  EXPECT_TRUE(mempool_->tick().empty());
}

TEST_F(MempoolTest, DoesNotForwardWhatABlockHolds) {
  const TestRequest request = make(0, 1), other = make(0, 2);
  add(request);
  add(other);
  mempool_->tick();
  mempool_->on_proposed(*payload_of({request}, kHasher));
  EXPECT_EQ(mempool_->tick(), std::vector<SharedBytes>{other.bytes});
  mempool_->on_proposed(*payload_of({other}, kHasher));
  EXPECT_EQ(mempool_->tick(), std::vector<SharedBytes>{request.bytes})
      << "the block came to nothing";
  EXPECT_TRUE(mempool_->tick().empty());
  commit(payload_of({request, other}, kHasher));
  EXPECT_TRUE(mempool_->empty());
}

TEST_F(MempoolTest, ForwardsABoundedAmountPerTickButAlwaysSomething) {
  const std::size_t each = size_of(make(0, 1));
  reset({.forward_bytes_max = 2 * each});
  for (const std::uint64_t number : {1, 2, 3, 4, 5}) add(make(0, number));
  mempool_->tick();
  EXPECT_EQ(mempool_->tick().size(), 2u);
  EXPECT_EQ(mempool_->tick().size(), 2u);
  EXPECT_EQ(mempool_->tick().size(), 1u);
  reset({.forward_bytes_max = 1});
  add(make(0, 1));
  mempool_->tick();
  EXPECT_EQ(mempool_->tick().size(), 1u);
}

TEST_F(MempoolTest, WhileTurnsComeOnlyLittleIsForwarded) {
  const TestRequest first = make(0, 1);
  reset({.forward_busy_max = size_of(first)});
  add(first);
  EXPECT_TRUE(mempool_->tick(true).empty());
  EXPECT_EQ(mempool_->tick(true), std::vector<SharedBytes>{first.bytes});
  const TestRequest second = make(0, 2);
  const TestRequest third = make(0, 3);
  add(second);
  add(third);
  for (int tick = 0; tick < 3; ++tick) EXPECT_TRUE(mempool_->tick(true).empty());
  EXPECT_EQ(mempool_->tick(false).size(), 3U) << "none was forgotten";
}

TEST_F(MempoolTest, ForwardsAgainLessAndLessOften) {
  add(make(0, 1));
  std::vector<int> gaps;
  for (int waited = 1; gaps.size() < 9; ++waited) {
    ASSERT_LT(waited, 1000) << "it is never forwarded again";
    if (mempool_->tick().empty()) continue;
    gaps.push_back(waited);
    waited = 0;
  }
  EXPECT_EQ(gaps, (std::vector<int>{2, 4, 8, 16, 32, 64, 128, 128, 128}));
}

TEST_F(MempoolTest, BlocksInVainPutOffForwardingOnlyOnce) {
  const TestRequest request = make(0, 1);
  const PayloadPtr in_vain = payload_of({request}, kHasher);
  const auto ticks_until_forwarded = [&] {
    for (int ticks = 1; ticks < 100; ++ticks) {
      mempool_->on_proposed(*in_vain);  // again and again
      if (!mempool_->tick().empty()) return ticks;
    }
    return 100;
  };
  add(request);
  mempool_->tick();
  EXPECT_EQ(ticks_until_forwarded(), 2) << "one full delay after the first of these blocks";
  EXPECT_EQ(ticks_until_forwarded(), 4) << "a block just after forwarding puts nothing off";
  for (int tick = 0; tick < 7; ++tick) EXPECT_TRUE(mempool_->tick().empty());
  EXPECT_EQ(ticks_until_forwarded(), 2) << "and once again since";
}

TEST_F(MempoolTest, KeepsTheRequestWithoutACopy) {
  const TestRequest request = make(0, 1);
  add(request);
  mempool_->tick();
  EXPECT_EQ(mempool_->tick().at(0).get(), request.bytes.get());
}

}  // namespace
}  // namespace waggle::smr
