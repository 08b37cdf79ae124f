// Messages as bytes: one encoding of each, and every bound.
#include <gtest/gtest.h>

#include "tests/unit/median/samples.hpp"

namespace waggle::testing {
namespace {

using median::Append;
using median::Commit;
using median::ContentRequest;
using median::Contents;
using median::FinalReply;
using median::FinalRequest;
using median::LogReply;
using median::LogRequest;
using median::Message;
using median::SignedPre;

/// For every kind, by its place in the variant.
class MedianMessage : public ::testing::TestWithParam<std::size_t> {
 protected:
  const MedianSamples samples_;
  const Message message_ = samples_.messages().at(GetParam());
  const Bytes bytes_ = encode(message_);
};

TEST_P(MedianMessage, ReadsWhatWasWritten) {
  ASSERT_EQ(message_.index(), GetParam());
  const auto read = samples_.decode(bytes_);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->index(), GetParam());
  EXPECT_EQ(encode(*read), bytes_);
  EXPECT_EQ(samples_.refusal_of(*read, 2), std::nullopt);
}

TEST_P(MedianMessage, IsRefusedWhenCutOrContinued) {
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    const auto read = samples_.decode(ByteView(bytes_).first(size));
    ASSERT_FALSE(read) << size;
    ASSERT_EQ(read.error(), Refusal::kMalformed) << size;
  }
  Bytes longer = bytes_;
  longer.push_back(0);
  EXPECT_FALSE(samples_.decode(longer));
}

TEST_P(MedianMessage, AFlippedBitIsRefusedOrAnotherMessage) {
  Bytes bytes = bytes_;
  std::size_t read_anyway = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    if (const auto read = samples_.decode(bytes)) {
      ++read_anyway;
      ASSERT_EQ(encode(*read), bytes) << bit;
    }
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  EXPECT_GT(read_anyway, 0U);
  EXPECT_LT(read_anyway, 8 * bytes.size());
}

INSTANTIATE_TEST_SUITE_P(Kinds, MedianMessage,
                         ::testing::Range<std::size_t>(0, std::variant_size_v<Message>),
                         [](const auto& test) {
                           return std::string(kind_of(MedianSamples().messages()[test.param]));
                         });

template <class T>
T read_again(const MedianSamples& samples, const Message& message) {
  return std::get<T>(*samples.decode(encode(message)));
}

// Bytes that survive a round trip could still be put into the wrong fields.
TEST(MedianMessages, FillTheFieldsThatWereWritten) {
  const MedianSamples samples;
  const std::vector<Message> all = samples.messages();
  EXPECT_EQ(read_again<LogRequest>(samples, all[0]), std::get<LogRequest>(all[0]));
  EXPECT_EQ(read_again<LogReply>(samples, all[1]), std::get<LogReply>(all[1]));
  EXPECT_EQ(read_again<SignedPre>(samples, all[3]), std::get<SignedPre>(all[3]));
  EXPECT_EQ(read_again<Commit>(samples, all[4]), std::get<Commit>(all[4]));
  EXPECT_EQ(read_again<ContentRequest>(samples, all[5]), std::get<ContentRequest>(all[5]));
  EXPECT_EQ(read_again<FinalRequest>(samples, all[7]), std::get<FinalRequest>(all[7]));

  const auto same = [](const median::Content& a, const median::Content& b) {
    return a.command == b.command && *a.request == *b.request;
  };
  const auto append = read_again<Append>(samples, all[2]);
  EXPECT_EQ(append.round, 1'002U);
  ASSERT_EQ(append.commands.size(), 2U);
  EXPECT_TRUE(same(append.commands[0].content, samples.content(0, 9)));
  EXPECT_EQ(append.commands[0].stamp, 1'000U);
  EXPECT_EQ(append.commands[1].stamp, 1'001U);
  const auto contents = read_again<Contents>(samples, all[6]);
  ASSERT_EQ(contents.commands.size(), 2U);
  EXPECT_TRUE(same(contents.commands[0], samples.content(2, 1)));
  const auto final_reply = read_again<FinalReply>(samples, all[8]);
  EXPECT_EQ(final_reply.from, 89U);
  ASSERT_EQ(final_reply.entries.size(), 3U);
  EXPECT_EQ(final_reply.entries[0].entry, samples.name(0, 5));
  EXPECT_EQ(*final_reply.entries[0].request, *samples.request(0, 5));
  EXPECT_EQ(final_reply.entries[1].entry, MedianSamples::null_name(samples.name(1, 6)));
  EXPECT_EQ(final_reply.entries[1].request, nullptr);
  EXPECT_EQ(final_reply.seal, std::get<FinalReply>(all[8]).seal);
}

TEST(MedianMessages, AreRefusedBeyondTheirBounds) {
  const MedianSamples samples;
  const std::vector<Message> all = samples.messages();
  /// The sample of that kind, changed.
  const auto refusal = [&]<class T>(T message, auto change) {
    change(message);
    const auto read = samples.decode(encode(Message(std::move(message))));
    return read ? std::nullopt : std::optional(read.error());
  };
  const auto too_large = [&](const auto& message, auto change) {
    return refusal(message, change) == Refusal::kTooLarge;
  };
  const auto fits = [&](const auto& message, auto change) { return !refusal(message, change); };

  const auto request = std::get<LogRequest>(all[0]);
  EXPECT_TRUE(fits(request, [](auto& m) { m.round = median::kRoundEnd - 1; }));
  EXPECT_TRUE(too_large(request, [](auto& m) { m.round = median::kRoundEnd; }));
  EXPECT_TRUE(too_large(request, [](auto& m) { m.window = median::kRoundEnd; }));
  EXPECT_TRUE(too_large(request, [](auto& m) { m.final_length = std::uint64_t{1} << 63; }));
  EXPECT_TRUE(fits(request, [](auto& m) { m.entries = median::kLogEntriesMax; }));
  EXPECT_TRUE(too_large(request, [](auto& m) { m.entries = median::kLogEntriesMax + 1; }));
  EXPECT_TRUE(fits(request, [](auto& m) { m.marks.resize(median::kMarksMax); }));
  EXPECT_TRUE(too_large(request, [](auto& m) { m.marks.resize(median::kMarksMax + 1); }));
  EXPECT_TRUE(too_large(request, [](auto& m) { m.pres.resize(median::kServerWordsMax + 1); }));

  const auto reply = std::get<LogReply>(all[1]);
  const median::StampedNamed entry = reply.entries.front();
  const std::size_t most = median::kLogEntriesMax - reply.shared;
  EXPECT_TRUE(fits(reply, [&](auto& m) { m.entries.assign(most, entry); }));
  EXPECT_TRUE(too_large(reply, [&](auto& m) { m.entries.assign(most + 1, entry); }));
  EXPECT_TRUE(too_large(reply, [](auto& m) { m.shared = median::kLogEntriesMax + 1; }));
  EXPECT_TRUE(too_large(reply, [](auto& m) { m.entries[0].stamp = median::kRoundEnd; }));
  EXPECT_TRUE(too_large(reply, [](auto& m) { m.last_pre = median::kRoundEnd; }));
  EXPECT_TRUE(fits(reply, [](auto& m) { m.certificates.resize(median::kCertificatesMax); }));
  EXPECT_TRUE(
      too_large(reply, [](auto& m) { m.certificates.resize(median::kCertificatesMax + 1); }));
  EXPECT_TRUE(too_large(reply, [](auto& m) { m.pres[0].window = median::kRoundEnd; }));
  EXPECT_TRUE(too_large(reply, [](auto& m) { m.commits[0].length = std::uint64_t{1} << 63; }));

  const auto pre = std::get<SignedPre>(all[3]);
  const median::Named named = pre.entries.front();
  EXPECT_TRUE(fits(pre, [&](auto& m) { m.entries.assign(median::kLogEntriesMax, named); }));
  EXPECT_TRUE(
      too_large(pre, [&](auto& m) { m.entries.assign(median::kLogEntriesMax + 1, named); }));
  EXPECT_TRUE(too_large(pre, [](auto& m) { m.base = std::uint64_t{1} << 63; }));
  EXPECT_TRUE(too_large(std::get<Commit>(all[4]), [](auto& m) { m.window = median::kRoundEnd; }));

  const auto digests = std::get<ContentRequest>(all[5]);
  EXPECT_TRUE(fits(digests, [](auto& m) { m.digests.resize(median::kContentsMax); }));
  EXPECT_TRUE(too_large(digests, [](auto& m) { m.digests.resize(median::kContentsMax + 1); }));
  const auto contents = std::get<Contents>(all[6]);
  const median::Content content = contents.commands.front();
  EXPECT_TRUE(fits(contents, [&](auto& m) { m.commands.assign(median::kContentsMax, content); }));
  EXPECT_TRUE(
      too_large(contents, [&](auto& m) { m.commands.assign(median::kContentsMax + 1, content); }));
  EXPECT_TRUE(too_large(FinalRequest{}, [](auto& m) { m.from = std::uint64_t{1} << 63; }));
  EXPECT_TRUE(too_large(std::get<FinalReply>(all[8]), [](auto& m) {
    m.entries.assign(median::kFinalEntriesMax + 1, m.entries[1]);
  }));
}

TEST(MedianMessages, NamesAndRequestsMustBelongTogether) {
  const MedianSamples samples;
  const auto refusal = [&](const Message& message) {
    const auto read = samples.decode(encode(message));
    return read ? std::nullopt : std::optional(read.error());
  };
  FinalReply reply = std::get<FinalReply>(samples.messages()[8]);
  reply.entries[0].request = samples.request(0, 6);
  EXPECT_EQ(refusal(reply), Refusal::kMalformed) << "the request of another command";

  SignedPre pre = std::get<SignedPre>(samples.messages()[3]);
  pre.entries[0].number = 0;
  EXPECT_EQ(refusal(pre), Refusal::kMalformed) << "numbers start at 1";
  pre.entries[0].number = median::lane_number(1, 1);
  EXPECT_EQ(refusal(pre), Refusal::kMalformed) << "a lane is part of the client";

  // A request is checked as one that a client sent, but for its signature.
  const std::vector<Bytes> two{to_bytes("a"), to_bytes("b")};
  const auto batch = std::make_shared<const Bytes>(
      make_request(samples.chain.chain_id, samples.client(0), 1, two));
  EXPECT_EQ(refusal(Contents{{{{}, batch}}}), Refusal::kTooMany);
  const auto cut = std::make_shared<const Bytes>(batch->begin(), batch->end() - 1);
  EXPECT_EQ(refusal(Append{1, {{{{}, cut}, 1}}}), Refusal::kMalformed);
  EXPECT_FALSE(samples.decode({})) << "no kind";
  EXPECT_FALSE(samples.decode(Bytes{std::variant_size_v<Message>})) << "no such kind";
}

}  // namespace
}  // namespace waggle::testing
