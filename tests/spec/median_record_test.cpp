// The rows of a sealed server (storage/FORMAT.md). One of each kind is frozen in
// tests/data/median_rows.txt; WAGGLE_REWRITE=1 writes it anew.

#include <gtest/gtest.h>

#include "tests/support/frozen.hpp"
#include "tests/support/median_network.hpp"

namespace waggle::median {
namespace {

using Disk = std::map<Bytes, Bytes>;

/// What a server holds in the middle of a window: sealed entries, a lock with a certificate, a PRE,
/// COMMITs and commands that are not final.
class MedianRecord : public testing::Test {
 protected:
  MedianRecord() : network_({.n = 4, .T = 2, .B = 4}) {
    for (std::uint64_t number = 1; number <= 3; ++number) {
      for (std::uint32_t client = 0; client < 4; ++client) {
        network_.submit(client, network_.command(client, number));
      }
      network_.rounds(8);
    }
    // All but server 0 sign and certify; its COMMIT and its peers' are lost.
    network_.submit(0, network_.command(9, 1));
    network_.rounds(3);
    network_.cut_commits(true);
    network_.rounds(2);
    network_.wipe(3);
    network_.round();
  }
  const Disk& disk() const { return network_.disk(0); }
  std::optional<Refusal> refusal_of(const Disk& disk) const {
    Rows rows;
    for (const auto& [key, value] : disk) rows.push_back({key, value});
    CommandTable table;
    const Hashing hashing{&table, &network_.hasher()};
    const auto read = decode_rows(rows, 4, network_.chain().limits, hashing, table);
    return read ? std::nullopt : std::optional(read.error());
  }

  test::MedianNetwork network_;
};

TEST_F(MedianRecord, IsReadAsItWasWritten) {
  ASSERT_EQ(refusal_of(disk()), std::nullopt);
  const FinalPtr before = network_.server(0).final();
  const auto sealed = network_.server(0).sealed_from(0);
  network_.crash(0);
  network_.restart(0);
  EXPECT_EQ(network_.server(0).final()->chain, before->chain);
  EXPECT_EQ(network_.server(0).final()->length, before->length);
  EXPECT_EQ(network_.server(0).final()->seal->commits(), before->seal->commits());
  EXPECT_EQ(network_.server(0).sealed_from(0).size(), sealed.size());
  EXPECT_EQ(sealed.size(), 12u);
}

TEST_F(MedianRecord, WithoutOneOfItsRowsOrWithAnotherByteIsNeverMore) {
  std::size_t refused = 0;
  for (const auto& [key, value] : disk()) {
    Disk without = disk();
    without.erase(key);
    refused += refusal_of(without) ? 1 : 0;
    Disk cut = disk();
    cut[key].pop_back();
    EXPECT_TRUE(refusal_of(cut)) << to_hex(key);
    Disk longer = disk();
    longer[key].push_back(0);
    EXPECT_TRUE(refusal_of(longer)) << to_hex(key);
  }
  EXPECT_GE(refused, 3u);  // a sealed entry in between, the certificate of a mark, the seal
}

TEST_F(MedianRecord, IsFrozen) {
  std::map<std::uint8_t, std::string> first_of_kind;
  for (const std::uint32_t server : {0u, 3u}) {
    for (const auto& [key, value] : network_.disk(server)) {
      first_of_kind.try_emplace(key.front(), to_hex(key) + " = " + to_hex(value) + "\n");
    }
  }
  EXPECT_EQ(first_of_kind.size(), 9u) << "a kind of row is missing";
  std::string text =
      "# Frozen: one row of each kind, key and value, of a sealed server with symbolic hashes.\n"
      "# Rewrite: WAGGLE_REWRITE=1 build/tests/bin/test_median_server\n";
  for (const auto& [kind, row] : first_of_kind) text += row;
  expect_frozen(WAGGLE_SOURCE_DIR "/tests/data/median_rows.txt", text);
}

}  // namespace
}  // namespace waggle::median
