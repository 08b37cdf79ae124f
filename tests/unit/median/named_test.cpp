// Names that all servers share, and lanes.
#include <gtest/gtest.h>

#include "smr/median/final_prefix.hpp"
#include "tests/unit/median/samples.hpp"

namespace waggle::testing {
namespace {

using median::CommandTable;
using median::Handle;
using median::Named;

TEST(Lanes, SplitANumberIntoLaneAndNumberWithinIt) {
  const std::uint64_t number = median::lane_number(0xabcd, 0x1234'5678'9abc);
  EXPECT_EQ(number, 0xabcd'1234'5678'9abcU);
  EXPECT_EQ(median::lane_of(number), 0xabcd);
  EXPECT_EQ(median::number_in_lane(number), 0x1234'5678'9abcU);
  EXPECT_EQ(median::lane_number(0, 5), 5U);
}

TEST(Lanes, EachIsAClientOfItsOwn) {
  const MedianSamples samples;
  const ClientId key = samples.client(0).public_key();
  const ClientId other = samples.client(1).public_key();
  EXPECT_EQ(median::lane_client(key, 0, samples.hasher()), key);
  const ClientId one = median::lane_client(key, 1, samples.hasher());
  EXPECT_NE(one, key);
  EXPECT_NE(one, median::lane_client(key, 256, samples.hasher())) << "both bytes of the lane count";
  EXPECT_NE(one, median::lane_client(key, 2, samples.hasher()));
  EXPECT_NE(one, median::lane_client(other, 1, samples.hasher()));
}

TEST(CommandOf, TakesClientAndNumberFromTheLaneAndTheLeafFromTheRequest) {
  const MedianSamples samples;
  const std::uint64_t number = median::lane_number(7, 3);
  const auto content = samples.content(1, number);
  const ClientId key = samples.client(1).public_key();
  EXPECT_EQ(content.command.client, median::lane_client(key, 7, samples.hasher()));
  EXPECT_EQ(content.command.number, 3U);
  const Bytes command(commands_of(*content.request).front().bytes.begin(),
                      commands_of(*content.request).front().bytes.end());
  EXPECT_EQ(content.command.digest, command_leaf(key, number, command, samples.hasher()));
  EXPECT_EQ(samples.content(1, 3).command.client, key) << "lane 0";
}

TEST(ReadContent, RefusesWhatTheRuleHasNoPlaceFor) {
  const MedianSamples samples;
  const auto refusal = [&](std::uint64_t first, const std::vector<Bytes>& commands) {
    const Bytes request = make_request(samples.chain.chain_id, samples.client(0), first, commands);
    const auto read = median::read_content(std::make_shared<const Bytes>(request),
                                           samples.chain.limits, samples.hasher());
    return read ? std::nullopt : std::optional(read.error());
  };
  const Bytes command = to_bytes("x");
  EXPECT_EQ(refusal(1, {command}), std::nullopt);
  EXPECT_EQ(refusal(1, {command, command}), Refusal::kTooMany);
  EXPECT_EQ(refusal(median::lane_number(2, 0), {command}), Refusal::kNumberOld);
  EXPECT_EQ(refusal(0, {command}), Refusal::kMalformed);
  EXPECT_EQ(refusal(1, {}), Refusal::kMalformed);
  EXPECT_EQ(refusal(1, {Bytes(samples.chain.limits.command_bytes_max + 1)}), Refusal::kTooLarge);
}

TEST(Names, ComeBackFromTheTableAsTheyWere) {
  const MedianSamples samples;
  CommandTable table;
  const Named command = samples.name(0, 4);
  const Named null = MedianSamples::null_name(command);
  // A null entry may come before any command of its number is known here.
  const Handle null_handle = intern(null, table);
  EXPECT_TRUE(null_handle.is_null());
  const Handle handle = intern(command, table);
  EXPECT_FALSE(handle.is_null());
  EXPECT_EQ(table.null_of(table.slot(handle)), null_handle);
  EXPECT_EQ(intern(null, table), null_handle);
  EXPECT_EQ(intern(command, table), handle);
  EXPECT_EQ(name_of(handle, table), command);
  EXPECT_EQ(name_of(null_handle, table), null);
}

TEST(Names, AreHashedAlikeByHandleAndByName) {
  const MedianSamples samples;
  CommandTable table;
  const median::Hashing hashing{&table, &samples.hasher()};
  const Named command = samples.name(0, 4);
  const Named null = MedianSamples::null_name(command);
  const Digest start = samples.hasher().hash({as_bytes("start")});
  const Digest by_name =
      extend_chain(extend_chain(start, command, samples.hasher()), null, samples.hasher());
  const std::vector<Handle> handles{intern(command, table), intern(null, table)};
  EXPECT_EQ(hashing.extend(start, handles), by_name);
  EXPECT_NE(extend_chain(start, command, samples.hasher()),
            extend_chain(start, null, samples.hasher()));
}

}  // namespace
}  // namespace waggle::testing
