// Both sides of state transfer, piece by piece.
#include "smr/replica/state_transfer.hpp"

#include <gtest/gtest.h>

namespace waggle::smr {
namespace {

constexpr ReplicaId kGiver{1};
constexpr ReplicaId kTaker{0};

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  return bytes;
}

struct StateTransfer : testing::Test {
  StateTransfer() { offer.on_request(ReplicaId{3}, {0, 0, 0}); }
  void take(std::uint64_t length, std::size_t size) {
    bytes = pattern(size);
    offer.taken(length, std::make_shared<const Bytes>(bytes));
  }

  StateOffer offer;
  StateFetch fetch{kTaker, 4};
  Bytes bytes;
};

TEST_F(StateTransfer, BringsAllPiecesInOrder) {
  take(900, 3 * kStateChunkMax + 17);
  auto asking = fetch.begin(kGiver, 5);
  int pieces = 0;
  while (asking) {
    EXPECT_EQ(asking->to, kGiver);
    const auto piece = offer.on_request(kTaker, asking->request);
    ASSERT_TRUE(piece);
    EXPECT_LE(piece->bytes.size(), kStateChunkMax);
    ++pieces;
    const auto next = fetch.on_chunk(kGiver, *piece);
    ASSERT_TRUE(next);
    asking = *next;
  }
  EXPECT_EQ(pieces, 4);
  EXPECT_EQ(fetch.whole(), bytes);
  EXPECT_FALSE(fetch.whole());
}

TEST_F(StateTransfer, AStateIsTakenOnceForAllThatWait) {
  StateOffer fresh;
  EXPECT_FALSE(fresh.wants_state());
  EXPECT_FALSE(fresh.on_request(ReplicaId{2}, {5, 0, 0}));
  EXPECT_TRUE(fresh.wants_state());
  fresh.take();
  EXPECT_FALSE(fresh.on_request(ReplicaId{3}, {50, 0, 0}));
  EXPECT_FALSE(fresh.wants_state()) << "it is being taken";
  const auto answers = fresh.taken(40, std::make_shared<const Bytes>(pattern(10)));
  ASSERT_EQ(answers.size(), 1u) << "replica 3 is further already";
  EXPECT_EQ(answers.begin()->first, ReplicaId{2});
  EXPECT_EQ(answers.begin()->second.state, 40u);
  EXPECT_TRUE(fresh.on_request(ReplicaId{3}, {39, 0, 0}));
  EXPECT_FALSE(fresh.on_request(ReplicaId{3}, {40, 0, 0}));
  EXPECT_TRUE(fresh.wants_state());
}

TEST_F(StateTransfer, AStateThatCannotBeTakenLeavesNobodyWaitingForEver) {
  StateOffer fresh;
  fresh.on_request(ReplicaId{2}, {5, 0, 0});
  fresh.take();
  EXPECT_TRUE(fresh.taken(40, nullptr).empty());
  EXPECT_FALSE(fresh.wants_state());
  fresh.on_request(ReplicaId{2}, {5, 0, 0});
  EXPECT_TRUE(fresh.wants_state());
}

TEST_F(StateTransfer, AStateIsForgottenWhenNobodyAsks) {
  take(900, 10);
  for (std::uint32_t i = 0; i < StateOffer::kIdleTicks; ++i) offer.tick();
  EXPECT_TRUE(offer.holds_state());
  EXPECT_TRUE(offer.on_request(kTaker, {0, 900, 3}));
  for (std::uint32_t i = 0; i <= StateOffer::kIdleTicks; ++i) offer.tick();
  EXPECT_FALSE(offer.holds_state());
}

TEST_F(StateTransfer, BeginsAnewWhenTheStateIsGone) {
  take(900, 2 * kStateChunkMax);
  auto asking = fetch.begin(kGiver, 5);
  asking = *fetch.on_chunk(kGiver, *offer.on_request(kTaker, asking->request));
  take(1000, 100);
  const auto gone = offer.on_request(kTaker, asking->request);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->total, 0u);
  asking = *fetch.on_chunk(kGiver, *gone);
  ASSERT_TRUE(asking);
  EXPECT_EQ(asking->request, (StateRequest{5, 0, 0}));
  EXPECT_TRUE(fetch.on_chunk(kGiver, *offer.on_request(kTaker, asking->request)));
  EXPECT_EQ(fetch.whole(), bytes);
}

TEST_F(StateTransfer, RefusesWhatWasNotAskedFor) {
  const StateChunk piece{900, 10, 0, pattern(4)};
  EXPECT_EQ(fetch.on_chunk(kGiver, piece).error(), Refusal::kUnsolicited) << "nothing was";
  fetch.begin(kGiver, 5);
  EXPECT_EQ(fetch.on_chunk(ReplicaId{2}, piece).error(), Refusal::kUnsolicited);
  EXPECT_EQ(fetch.on_chunk(kGiver, {5, 10, 0, pattern(4)}).error(), Refusal::kUnsolicited);
  EXPECT_EQ(fetch.on_chunk(kGiver, {900, kStateBytesMax + 1, 0, pattern(4)}).error(),
            Refusal::kTooLarge);
  EXPECT_EQ(fetch.on_chunk(kGiver, {900, 3, 0, pattern(4)}).error(), Refusal::kTooLarge);
  EXPECT_EQ(fetch.on_chunk(kGiver, {900, 3, 0, {}}).error(), Refusal::kTooLarge);
  EXPECT_TRUE(fetch.on_chunk(kGiver, piece));
  EXPECT_EQ(fetch.on_chunk(kGiver, piece).error(), Refusal::kUnsolicited) << "twice";
  EXPECT_EQ(fetch.on_chunk(kGiver, {901, 10, 4, pattern(4)}).error(), Refusal::kUnsolicited);
  EXPECT_EQ(fetch.on_chunk(kGiver, {900, 11, 4, pattern(4)}).error(), Refusal::kUnsolicited);
  EXPECT_EQ(fetch.received(), 4u);
}

TEST_F(StateTransfer, AsksAgainAndThenSomebodyElse) {
  EXPECT_FALSE(fetch.tick(5)) << "nothing is under way";
  fetch.begin(ReplicaId{3}, 5);
  std::vector<ReplicaId> asked;
  for (std::uint32_t i = 0; i < 2 * StateFetch::kGiveUpTicks; ++i) {
    if (const auto asking = fetch.tick(5)) asked.push_back(asking->to);
  }
  const std::vector<ReplicaId> expected = {ReplicaId{3}, ReplicaId{3}, ReplicaId{1},
                                           ReplicaId{1}, ReplicaId{1}, ReplicaId{2}};
  EXPECT_EQ(asked, expected) << "itself, replica 0, left out";
}

}  // namespace
}  // namespace waggle::smr
