// The stateless checks of messages, each with what it refuses.
#include <gtest/gtest.h>

#include "tests/unit/median/samples.hpp"

namespace waggle::testing {
namespace {

using median::Commit;
using median::FinalReply;
using median::LogReply;
using median::LogRequest;
using median::Message;
using median::SignedPre;

constexpr std::optional<Refusal> kAccepted = std::nullopt;

class MedianValidate : public ::testing::Test {
 protected:
  template <class T>
  T sample() const {
    for (const Message& message : samples_.messages()) {
      if (const auto* found = std::get_if<T>(&message)) return *found;
    }
    return {};
  }
  std::optional<Refusal> refusal(const Message& message, std::uint32_t from = 2) const {
    return samples_.refusal_of(message, from);
  }

  const MedianSamples samples_;
};

TEST_F(MedianValidate, SaysWhoVouches) {
  const auto verified = median::validate(sample<LogRequest>(), ReplicaId{1}, samples_.chain,
                                         samples_.verifier(), samples_.hasher());
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->from(), ReplicaId{1});
  EXPECT_EQ(std::get<LogRequest>(verified->message()), sample<LogRequest>());
  EXPECT_EQ(refusal(sample<LogRequest>(), MedianSamples::kServers), Refusal::kUnknownReplica);
}

TEST_F(MedianValidate, APreOrCommitByItselfIsItsSenders) {
  EXPECT_EQ(refusal(sample<SignedPre>(), 2), kAccepted);
  EXPECT_EQ(refusal(sample<SignedPre>(), 1), Refusal::kWrongSender);
  EXPECT_EQ(refusal(sample<Commit>(), 2), kAccepted);
  EXPECT_EQ(refusal(sample<Commit>(), 1), Refusal::kWrongSender);
  SignedPre pre = sample<SignedPre>();
  pre.server = ReplicaId{MedianSamples::kServers};
  EXPECT_EQ(refusal(pre), Refusal::kUnknownReplica);
}

/// What is signed is all of it: no bit may change, and it says nothing on another chain.
TEST_F(MedianValidate, NoBitOfWhatIsSignedMayChange) {
  for (const Message& message : {Message(sample<SignedPre>()), Message(sample<Commit>())}) {
    Bytes bytes = encode(message);
    for (std::size_t bit = 8; bit < 8 * bytes.size(); ++bit) {  // behind the kind
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      if (const auto read = samples_.decode(bytes)) {
        ASSERT_NE(refusal(*read), kAccepted) << kind_of(message) << " bit " << bit;
      }
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    EXPECT_EQ(refusal(*samples_.decode(bytes)), kAccepted);

    ChainConfig other = samples_.chain;
    other.chain_id.bytes[0] ^= 1;
    const auto checked =
        median::validate(message, ReplicaId{2}, other, samples_.verifier(), samples_.hasher());
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error(), Refusal::kBadSignature);
  }
}

TEST_F(MedianValidate, APreIsNoCommitAndTheOtherWayRound) {
  SignedPre pre = sample<SignedPre>();
  pre.signature = sample<Commit>().signature;
  EXPECT_EQ(refusal(pre), Refusal::kBadSignature);
}

TEST_F(MedianValidate, RepliesBringSignaturesOfDifferentServersOnly) {
  const LogReply good = sample<LogReply>();
  EXPECT_EQ(refusal(good), kAccepted);
  LogReply reply = good;
  reply.pres[1].signature.bytes[5] ^= 1;
  EXPECT_EQ(refusal(reply), Refusal::kBadSignature);
  reply = good;
  reply.commits[1].signature.bytes[5] ^= 1;
  EXPECT_EQ(refusal(reply), Refusal::kBadSignature);
  reply = good;
  reply.pres.push_back(reply.pres.front());
  EXPECT_EQ(refusal(reply), Refusal::kDuplicateSigner);
  reply = good;
  reply.commits.push_back(reply.commits.front());
  EXPECT_EQ(refusal(reply), Refusal::kDuplicateSigner);
  reply = good;
  reply.commits.push_back(samples_.commit(2, 59, 91));
  EXPECT_EQ(refusal(reply), Refusal::kBadCertificate) << "of two windows";
  reply = good;
  reply.pres[0].server = ReplicaId{9};
  EXPECT_EQ(refusal(reply), Refusal::kUnknownReplica);
}

TEST_F(MedianValidate, APreCertificateTakesMoreThanHalfOfTheServers) {
  LogReply reply = sample<LogReply>();
  auto& certificate = reply.certificates[0];
  const std::vector<SignedPre> good = certificate;
  certificate.pop_back();
  EXPECT_EQ(refusal(reply), Refusal::kTooFewSigners) << "two of four";
  certificate.push_back(certificate.front());
  EXPECT_EQ(refusal(reply), Refusal::kDuplicateSigner);
  certificate = good;
  certificate[2].signature = certificate[1].signature;
  EXPECT_EQ(refusal(reply), Refusal::kBadSignature);
  certificate = good;
  certificate[2] = samples_.pre(3, 57, certificate[2].entries);
  EXPECT_EQ(refusal(reply), Refusal::kBadCertificate) << "of two windows";
  certificate.clear();
  EXPECT_EQ(refusal(reply), Refusal::kTooFewSigners);
}

TEST_F(MedianValidate, ASealEndsWhereTheEntriesDo) {
  const FinalReply good = sample<FinalReply>();
  EXPECT_EQ(refusal(good), kAccepted);
  EXPECT_EQ(refusal(FinalReply{.from = 4}), kAccepted) << "the answerer keeps none that old";
  FinalReply reply = good;
  reply.entries.pop_back();
  EXPECT_EQ(refusal(reply), Refusal::kBadCertificate);
  reply.entries.clear();
  EXPECT_EQ(refusal(reply), Refusal::kBadCertificate);
  reply.from = 92;  // where the seal ends
  EXPECT_EQ(refusal(reply), Refusal::kBadCertificate) << "brings nothing";
  reply = good;
  reply.from = std::uint64_t{0} - 5;
  EXPECT_EQ(refusal(reply), Refusal::kBadCertificate);
  reply = good;
  reply.seal.pop_back();
  EXPECT_EQ(refusal(reply), Refusal::kTooFewSigners) << "two of four";
  reply.seal.push_back(reply.seal.front());
  EXPECT_EQ(refusal(reply), Refusal::kDuplicateSigner);
  reply = good;
  reply.seal.clear();
  EXPECT_EQ(refusal(reply), Refusal::kTooFewSigners);
  reply = good;
  reply.seal[2].signature.bytes[0] ^= 1;
  EXPECT_EQ(refusal(reply), Refusal::kBadSignature);
}

TEST_F(MedianValidate, ARequestSpeaksOfServersThatExist) {
  LogRequest request = sample<LogRequest>();
  request.pres = {0b1111};
  EXPECT_EQ(refusal(request), kAccepted);
  request.pres = {};
  EXPECT_EQ(refusal(request), kAccepted);
  request.pres = {0b1'0000};
  EXPECT_EQ(refusal(request), Refusal::kUnknownReplica);
  request.pres = {0, 0};
  EXPECT_EQ(refusal(request), Refusal::kTooLarge);
}

}  // namespace
}  // namespace waggle::testing
