// What a server keeps of a sequence, and what it says against certificates that prove nothing.
#include "smr/certificate/server_chains.hpp"

#include <gtest/gtest.h>

#include "consensus/core/request.hpp"
#include "crypto/sha256.hpp"
#include "smr/median/final_prefix.hpp"
#include "tests/unit/certificate/chain_world.hpp"

namespace waggle::testing {
namespace {

using certificate::Certificate;
using certificate::Doubt;
using certificate::ServerChains;

const crypto::Sha256Hasher kHasher;

void one_each(ChainWorld& world, std::size_t clients) {
  for (std::size_t client = 0; client < clients; ++client) {
    world.commit(client);
    world.acknowledge(client);
  }
}

/// Five commands of each of three clients: 15 leaves in trees of 8, 4, 2 and 1.
ChainWorld three_clients() {
  ChainWorld world(3, kHasher);
  for (int round = 0; round < 5; ++round) one_each(world, 3);
  return world;
}

std::optional<Doubt> doubt(const ServerChains& server, const Certificate& certificate) {
  const auto verdict = server.verify(certificate::encode(certificate), kHasher);
  return verdict ? std::nullopt : std::optional(verdict.error());
}

Bytes encoded(const ServerChains& chains) {
  Writer writer;
  chains.encode(writer);
  return writer.take();
}

TEST(ServerChains, KeepSoManyClientsAndForgetWhoWasAwayForLongest) {
  ServerChains chains(2);
  const auto append = [&](std::size_t client, std::uint64_t number) {
    return chains.append(ChainWorld::id(client), number,
                         command_leaf(ChainWorld::id(client), number, {}, kHasher), kHasher);
  };
  EXPECT_TRUE(append(0, 1));
  EXPECT_TRUE(append(1, 1));
  EXPECT_TRUE(append(1, 2));
  EXPECT_TRUE(append(0, 2));
  EXPECT_TRUE(append(2, 1));  // client 1 goes
  EXPECT_EQ(chains.clients(), 2u);
  EXPECT_FALSE(chains.knows(ChainWorld::id(1)));
  EXPECT_EQ(chains.number(ChainWorld::id(1)), 2u);  // whoever is not known begins above it
  EXPECT_FALSE(append(1, 2));
  EXPECT_EQ(chains.clients(), 2u);
  const Bytes before = encoded(chains);
  Reader again(before);
  ServerChains read = ServerChains::decode(again, kHasher);
  EXPECT_TRUE(again.done());
  EXPECT_EQ(encoded(read), before);
  EXPECT_TRUE(append(1, 3));  // client 0 goes
  read.append(ChainWorld::id(1), 3, command_leaf(ChainWorld::id(1), 3, {}, kHasher), kHasher);
  EXPECT_EQ(encoded(read), encoded(chains));
  EXPECT_FALSE(chains.knows(ChainWorld::id(0)));
  EXPECT_EQ(chains.chain(ChainWorld::id(0), 2), std::nullopt);
}

TEST(ServerChains, TheRootsAreThoseThatTheCoreSeals) {
  median::CommandTable table;
  const median::FinalPrefix nothing;
  median::PrefixCursor cursor(nothing, {&table, &kHasher});
  ServerChains chains;
  const auto append = [&](std::size_t client, std::uint64_t number, bool null) {
    const Digest leaf = command_leaf(ChainWorld::id(client), number, {}, kHasher);
    median::Handle handle = table.intern({ChainWorld::id(client), number, leaf});
    if (null) handle = table.null_of(table.slot(handle));
    const bool executes = cursor.append(handle);
    EXPECT_EQ(chains.append(ChainWorld::id(client), number,
                            null ? std::nullopt : std::optional(leaf), kHasher),
              executes);
    EXPECT_EQ(chains.roots().root(kHasher), cursor.root());
  };
  append(1, 1, false);
  append(2, 1, true);
  append(2, 1, false);  // too late: a null entry has its number
  append(2, 2, false);
  append(1, 3, false);  // 2 is missing
  append(1, 1, false);  // once more
  append(1, 2, false);
  EXPECT_EQ(chains.number(ChainWorld::id(2)), 2U);
}

TEST(ServerChains, KeepTheLastTwoCommandsOfAClient) {
  const ChainWorld world = three_clients();
  const auto answer = world.newest().acknowledgement(ChainWorld::id(1));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->newest, (certificate::Placed{5, 13}));
  ASSERT_TRUE(answer->previous);
  EXPECT_EQ(answer->previous->command, (certificate::Placed{4, 10}));
  EXPECT_EQ(answer->previous->links.size(), 2U);
  EXPECT_EQ(world.newest().chain(ChainWorld::id(1), 4), answer->previous);
  EXPECT_EQ(world.newest().chain(ChainWorld::id(1), 5)->command, answer->newest);
  EXPECT_EQ(world.newest().chain(ChainWorld::id(1), 3), std::nullopt);
  EXPECT_EQ(world.newest().chain(ChainWorld::id(1), 0), std::nullopt);
  EXPECT_EQ(world.newest().acknowledgement(ChainWorld::id(7)), std::nullopt);
}

TEST(ServerChains, TheNewestCommandNeedsNoLinkUntilTwoMoreAreCommitted) {
  ChainWorld world(2, kHasher);
  one_each(world, 2);
  for (int i = 0; i < 6; ++i) one_each(world, 1);
  world.commit(1);
  Certificate newest = world.certificate(1, 1);
  EXPECT_TRUE(newest.links.empty());
  EXPECT_EQ(doubt(world.newest(), newest), std::nullopt);
  world.acknowledge(1);
  world.commit(1);
  EXPECT_EQ(doubt(world.newest(), newest), Doubt::kTooShort) << "stale";
  EXPECT_EQ(doubt(world.newest(), world.certificate(1, 1)), std::nullopt) << "it has grown";
}

TEST(ServerChains, RefuseWhatIsNotTheClientsCommand) {
  const ChainWorld world = three_clients();
  const Certificate good = world.certificate(0, 2);
  ASSERT_EQ(doubt(world.newest(), good), std::nullopt);
  Certificate bad = good;
  bad.client = ChainWorld::id(1);
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kNotCommitted) << "another client";
  bad = good;
  bad.position = 4;
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kNotCommitted) << "another position";
  bad.position = 15;
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kAhead);
  bad.position = UINT64_MAX;
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kAhead);
  bad = good;
  bad.number = 3;
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kNotCommitted) << "another number";
  bad = good;
  bad.command.push_back('!');
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kNotCommitted) << "another command";
}

TEST(ServerChains, RefuseChainsThatAreTooShortOrTooLong) {
  const ChainWorld world = three_clients();
  Certificate bad = world.certificate(0, 1);
  ASSERT_EQ(bad.links.size(), 3U);
  bad.links.push_back(bad.links.back());
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kSurplusLinks);
  bad.links.resize(1);
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kTooShort);
  bad.links.assign(64, Digest{});
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kMalformed) << "higher than any tree";
}

/// A client that has no window here can have its certificates judged by roots only.
TEST(ServerChains, KnowNoWindowOfAStranger) {
  const ChainWorld world = three_clients();
  Certificate bad = world.certificate(0, 1);
  bad.client = ChainWorld::id(9);
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kNotCommitted);
  bad.links.pop_back();
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kTooShort);
}

/// With the root against it, a chain that holds up to the common ancestor does not help.
TEST(ServerChains, TheRootAloneDecides) {
  ChainWorld world(2, kHasher);
  for (int round = 0; round < 5; ++round) one_each(world, 2);
  Certificate bad = world.certificate(0, 3);
  ASSERT_EQ(bad.links.size(), 3U);
  bad.links.back().bytes[0] ^= 1;  // above the common ancestor with command 4
  EXPECT_EQ(doubt(world.newest(), bad), Doubt::kNotCommitted);
}

TEST(ServerChains, NoBitOfACertificateMayChange) {
  const ChainWorld world = three_clients();
  std::size_t flips = 0;
  for (std::size_t client = 0; client < 3; ++client) {
    for (std::uint64_t number = 1; number <= 5; ++number) {
      Bytes bytes = certificate::encode(world.certificate(client, number));
      ASSERT_TRUE(world.newest().verify(bytes, kHasher));
      for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit, ++flips) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        ASSERT_FALSE(world.newest().verify(bytes, kHasher))
            << client << ' ' << number << ' ' << bit;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      }
      bytes.push_back(0);
      ASSERT_EQ(world.newest().verify(bytes, kHasher).error(), Doubt::kMalformed) << "trailing";
      bytes.resize(bytes.size() - 2);
      ASSERT_EQ(world.newest().verify(bytes, kHasher).error(), Doubt::kMalformed) << "cut";
    }
  }
  EXPECT_GT(flips, 10000U);
}

TEST(ServerChains, EncodingComesBackWhole) {
  const ChainWorld world = three_clients();
  for (const ServerChains& chains : world.servers()) {
    const Bytes bytes = encoded(chains);
    Reader reader(bytes);
    ServerChains again = ServerChains::decode(reader, kHasher);
    ASSERT_TRUE(reader.done());
    EXPECT_EQ(encoded(again), bytes);
    EXPECT_EQ(again.roots(), chains.roots());
    ServerChains longer = chains;
    const Digest leaf = world.leaf(1, 6);
    longer.append(ChainWorld::id(1), 6, leaf, kHasher);
    again.append(ChainWorld::id(1), 6, leaf, kHasher);
    EXPECT_EQ(encoded(again), encoded(longer)) << "and goes on alike";
  }
}

/// A flipped bit is refused, or changes the roots, a client or a number: it never goes unnoticed.
TEST(ServerChains, EncodingIsCanonical) {
  const ChainWorld world = three_clients();
  Bytes bytes = encoded(world.newest());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    Reader reader(bytes);
    const ServerChains chains = ServerChains::decode(reader, kHasher);
    if (reader.done()) {
      ASSERT_EQ(encoded(chains), bytes) << bit;
    }
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Reader reader(ByteView(bytes).first(size));
    static_cast<void>(ServerChains::decode(reader, kHasher));
    ASSERT_FALSE(reader.done()) << size;
  }
}

TEST(ServerChains, TwoClientsCannotClaimOneLeaf) {
  ChainWorld world(2, kHasher);
  one_each(world, 2);
  Bytes bytes = encoded(world.newest());
  const std::size_t window = 32 + 5 * 8;
  // The last eight bytes of a window are the newest command's position.
  std::copy_n(bytes.end() - 8, 8, bytes.end() - static_cast<std::ptrdiff_t>(window) - 8);
  Reader reader(bytes);
  static_cast<void>(ServerChains::decode(reader, kHasher));
  EXPECT_FALSE(reader.done());
}

}  // namespace
}  // namespace waggle::testing
