#include "smr/replica/admission.hpp"

#include <gtest/gtest.h>

#include "sim/crypto/symbolic.hpp"

namespace waggle::smr {
namespace {

class AdmissionTest : public testing::Test {
 protected:
  static ClientId client(std::uint8_t id) {
    ClientId key;
    key.bytes[0] = id;
    return key;
  }
  /// Of a lane that nobody else has.
  median::Content content(std::size_t bytes = 100) {
    median::Content content;
    ++made_;
    content.command.client.bytes[1] = static_cast<std::uint8_t>(made_ >> 8);
    content.command.client.bytes[2] = static_cast<std::uint8_t>(made_);
    content.command.number = 1;
    content.command.digest.bytes = content.command.client.bytes;
    content.request = std::make_shared<const Bytes>(bytes);
    return content;
  }
  void add(Admission& admission, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(admission.add(content(), client(static_cast<std::uint8_t>(i / 256))));
    }
  }
  std::size_t admit(Admission& admission, std::size_t pending) {
    std::size_t admitted = 0;
    while (admission.next(pending + admitted, final_)) ++admitted;
    return admitted;
  }
  static void pass(Admission& admission, std::uint32_t rounds, const Admission::Round& round) {
    for (std::uint32_t i = 0; i < rounds; ++i) admission.on_round(round);
  }

  using Peers = std::vector<Admission::Round::Peer>;
  static constexpr Admission::Round::Peer kInTime{.in_time = 3};
  static constexpr Admission::Round::Peer kLate{.late = 3};
  const Admission::Round whole_{.peers = Peers(9, kInTime)};
  MempoolLimits limits_;
  median::FinalPrefix final_;
  std::uint32_t made_ = 0;
};

TEST_F(AdmissionTest, LetsInAsManyAsTheWindowHoldsInTheirOrder) {
  Admission admission(limits_);
  std::vector<Digest> brought;
  for (int i = 0; i < 100; ++i) {
    brought.push_back(content().command.digest);
    --made_;
    ASSERT_TRUE(admission.add(content(), client(0)));
  }
  for (std::size_t i = 0; i + 10 < Admission::kWindowStart; ++i) {
    const auto next = admission.next(10 + i, final_);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->command.digest, brought[i]);
  }
  EXPECT_FALSE(admission.next(Admission::kWindowStart, final_));
  EXPECT_EQ(admission.waiting(), 100 - Admission::kWindowStart + 10);
}

TEST_F(AdmissionTest, GrowsByOneInEachWholeRoundThatUsedItUp) {
  Admission admission(limits_);
  pass(admission, 10, whole_);
  EXPECT_EQ(admission.window(), Admission::kWindowStart) << "nobody wanted more";
  add(admission, 2'000);
  for (std::size_t round = 1; round <= 10; ++round) {
    admit(admission, 0);
    admission.on_round(whole_);
    EXPECT_EQ(admission.window(), Admission::kWindowStart + round);
  }
}

TEST_F(AdmissionTest, HalvesWhenMuchComesLateOrRoundsGoByUnseen) {
  const Admission::Round unseen{.skipped = 1, .peers = Peers(9, kInTime)};
  const Admission::Round some_of_all{.peers = Peers(9, {.in_time = 2, .late = 1})};
  const Admission::Round all_of_most{.peers = {kLate, kLate, kInTime}};
  const Admission::Round of_one_that_speaks{.peers = {kLate}};
  for (const auto& bad : {unseen, some_of_all, all_of_most, of_one_that_speaks}) {
    Admission admission(limits_);
    add(admission, 200);
    admission.on_round(bad);
    EXPECT_EQ(admission.window(), Admission::kWindowStart / 2);
    pass(admission, Admission::kCalm - 1, bad);
    EXPECT_EQ(admission.window(), Admission::kWindowStart / 2) << "not before the first can show";
    admission.on_round(bad);
    EXPECT_EQ(admission.window(), Admission::kWindowStart / 4);
    pass(admission, 20 * Admission::kCalm, bad);
    EXPECT_EQ(admission.window(), Admission::kWindowMin);
    EXPECT_EQ(admit(admission, 0), Admission::kWindowMin) << "never none";
  }
}

/// Half of those that speak may be, with everything; of four servers that is one.
TEST_F(AdmissionTest, ServersThatAreAlwaysLateAreNoReason) {
  const Admission::Round one_of_four{.peers = {kLate, kInTime, kInTime}};
  const Admission::Round one_of_three{.peers = {kLate, kInTime}};
  const Admission::Round four_of_ten{.peers = {kLate,
                                               kLate,
                                               kLate,
                                               kLate,
                                               kInTime,
                                               kInTime,
                                               kInTime,
                                               kInTime,
                                               {.in_time = 4, .late = 1}}};
  for (const auto& round : {one_of_four, one_of_three, four_of_ten}) {
    Admission admission(limits_);
    pass(admission, 50, round);
    EXPECT_EQ(admission.window(), Admission::kWindowStart);
  }
}

TEST_F(AdmissionTest, WhatOthersTookInIsDropped) {
  Admission admission(limits_);
  const median::Content sealed = content();
  ASSERT_TRUE(admission.add(sealed, client(0)));
  const median::Content open = content();
  ASSERT_TRUE(admission.add(open, client(0)));
  EXPECT_EQ(admission.add(open, client(0)).error(), Refusal::kDuplicate);
  sim::SymbolicHasher hasher;
  final_.chains.append(sealed.command.client, 1, sealed.command.digest, hasher);
  EXPECT_FALSE(admission.next(Admission::kWindowStart, final_));
  EXPECT_EQ(admission.waiting(), 1u);
  EXPECT_EQ(admission.next(0, final_)->command, open.command);
}

TEST_F(AdmissionTest, IsBoundedInAllAndPerClient) {
  limits_.requests_max = 4;
  limits_.client_requests_max = 2;
  limits_.bytes_max = 1'000;
  limits_.client_bytes_max = 300;
  Admission admission(limits_);
  ASSERT_TRUE(admission.add(content(200), client(0)));
  EXPECT_EQ(admission.add(content(101), client(0)).error(), Refusal::kClientShareFull);
  ASSERT_TRUE(admission.add(content(10), client(0)));
  EXPECT_EQ(admission.add(content(10), client(0)).error(), Refusal::kClientShareFull);
  ASSERT_TRUE(admission.add(content(300), client(1)));
  EXPECT_FALSE(admission.full());
  EXPECT_EQ(admission.add(content(491), client(2)).error(), Refusal::kMempoolFull);
  ASSERT_TRUE(admission.add(content(10), client(2)));
  EXPECT_TRUE(admission.full());
  EXPECT_EQ(admission.add(content(10), client(3)).error(), Refusal::kMempoolFull);
  ASSERT_TRUE(admission.next(0, final_));
  EXPECT_TRUE(admission.add(content(200), client(0))) << "room again";
}

}  // namespace
}  // namespace waggle::smr
