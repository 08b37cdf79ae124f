#include "smr/client/chain_file.hpp"

#include <filesystem>
#include <fstream>

#include "consensus/core/request.hpp"
#include "crypto/sha256.hpp"
#include "smr/certificate/server_chains.hpp"
#include "smr/median/named.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::client {
namespace {

namespace fs = std::filesystem;
using certificate::Acknowledgement;
using median::lane_number;

/// Commands of some lanes of one client among those of another, executed by one server.
class ChainFileTest : public testing::Test {
 protected:
  ChainFileTest() {
    client_.bytes[0] = 1;
    other_.bytes[0] = 2;
    chain_.bytes[0] = 3;
  }

  void open() {
    store_.reset();
    auto opened = ChainFile::open(file_, chain_, client_, hasher_);
    ASSERT_TRUE(opened) << opened.error();
    store_ = std::move(*opened);
  }
  std::string error() {
    store_.reset();
    const auto opened = ChainFile::open(file_, chain_, client_, hasher_);
    return opened ? "no error" : opened.error();
  }

  static Bytes command(std::uint64_t number) { return to_bytes("c" + std::to_string(number)); }
  /// Executes the lane's command, and returns what comes with its acknowledgement.
  Acknowledgement execute(std::uint16_t lane, std::uint64_t number) {
    const std::uint64_t whole = lane_number(lane, number);
    const ClientId session = median::lane_client(client_, lane, hasher_);
    server_.append(session, number, command_leaf(client_, whole, command(whole), hasher_), hasher_);
    auto result = *server_.acknowledgement(session);
    result.newest.number = lane_number(lane, result.newest.number);
    if (result.previous) {
      auto& previous = result.previous->command.number;
      previous = lane_number(lane, previous);
    }
    for (int i = 0; i < 3; ++i) {
      ++others_;
      server_.append(other_, others_, command_leaf(other_, others_, {}, hasher_), hasher_);
    }
    return result;
  }
  void commit(std::uint16_t lane, std::uint64_t number) {
    const std::uint64_t whole = lane_number(lane, number);
    store_->issue(whole, command(whole));
    store_->acknowledge(execute(lane, number));
    ASSERT_TRUE(store_->sync());
  }
  /// What the server says of the certificate that the store gives.
  std::string verdict(std::uint16_t lane, std::uint64_t number) {
    const auto found = store_->certificate(lane_number(lane, number));
    if (!found) return found.error();
    if (!*found) return "none";
    const ClientId session = median::lane_client(client_, lane, hasher_);
    const auto said = server_.verify(**found, session, hasher_);
    return said ? "ok" : std::string(describe(said.error()));
  }

  const crypto::Sha256Hasher hasher_;
  const TempFolder folder_;
  fs::path file_ = folder_ / "client.chains";
  ClientId client_, other_;
  Digest chain_;
  certificate::ServerChains server_;
  std::uint64_t others_ = 0;
  std::unique_ptr<ChainFile> store_;
};

TEST_F(ChainFileTest, EveryCommandHasACertificateAcrossRestarts) {
  open();
  for (std::uint64_t number = 1; number <= 16; ++number) {
    for (std::uint16_t lane = 0; lane < 3; ++lane) commit(lane, number);
    if (number % 5 == 0) open();
  }
  for (std::uint64_t number = 1; number <= 16; ++number) {
    for (std::uint16_t lane = 0; lane < 3; ++lane) EXPECT_EQ(verdict(lane, number), "ok");
  }
  EXPECT_EQ(verdict(0, 17), "none");
  EXPECT_EQ(verdict(3, 1), "none");
}

TEST_F(ChainFileTest, WhatIsIssuedAndNotAcknowledgedIsKnownAfterACrash) {
  open();
  commit(1, 1);
  store_->issue(lane_number(1, 2), to_bytes("two"));
  ASSERT_TRUE(store_->sync());
  store_->issue(lane_number(2, 1), to_bytes("never synced"));
  open();
  const auto unacknowledged = store_->unacknowledged(1);
  ASSERT_TRUE(unacknowledged);
  EXPECT_EQ(unacknowledged->number, lane_number(1, 2));
  EXPECT_EQ(as_text(unacknowledged->command), "two");
  EXPECT_FALSE(store_->unacknowledged(0));
  EXPECT_FALSE(store_->unacknowledged(2));
}

TEST_F(ChainFileTest, TheSameCommandIssuedAgainTakesNoRoom) {
  open();
  store_->issue(1, command(1));
  ASSERT_TRUE(store_->sync());
  const auto size = fs::file_size(file_);
  store_->issue(1, command(1));
  ASSERT_TRUE(store_->sync());
  EXPECT_EQ(fs::file_size(file_), size);
}

TEST_F(ChainFileTest, ALostFileMakesNewCertificatesOnly) {
  open();
  for (std::uint64_t number = 1; number <= 5; ++number) commit(0, number);
  store_.reset();
  fs::remove(file_);
  open();
  for (std::uint64_t number = 6; number <= 9; ++number) commit(0, number);
  EXPECT_EQ(verdict(0, 5), "none");
  for (std::uint64_t number = 6; number <= 9; ++number) EXPECT_EQ(verdict(0, number), "ok");
}

TEST_F(ChainFileTest, AnAcknowledgementOfAnotherCommandChangesNothing) {
  open();
  commit(0, 1);
  const auto later = execute(0, 2);
  store_->acknowledge(later);
  EXPECT_EQ(verdict(0, 2), "none") << "not issued here";
  store_->issue(2, command(2));
  store_->acknowledge(later);
  store_->acknowledge(later);
  EXPECT_EQ(verdict(0, 1), "ok");
  EXPECT_EQ(verdict(0, 2), "ok");
}

TEST_F(ChainFileTest, WhatACrashToreIsCutOff) {
  open();
  commit(0, 1);
  const auto whole = fs::file_size(file_);
  commit(0, 2);
  store_.reset();
  for (const std::uintmax_t more : {1U, 11U, 13U, 22U}) {
    fs::resize_file(file_, whole + more);
    open();
    EXPECT_EQ(fs::file_size(file_), whole);
    EXPECT_EQ(verdict(0, 1), "ok");
    store_.reset();
    fs::resize_file(file_, whole);
    fs::resize_file(file_, whole + more);  // Space without content.
    open();
    EXPECT_EQ(verdict(0, 1), "ok");
    commit(0, 2);
    EXPECT_EQ(verdict(0, 2), "ok");
    store_.reset();
  }
}

TEST_F(ChainFileTest, DamageAndOtherKeysAreRefused) {
  open();
  const auto head = fs::file_size(file_);
  EXPECT_EQ(head, 0u) << "nothing is written before there is something to write";
  commit(0, 1);
  commit(0, 2);
  store_.reset();
  std::fstream(file_, std::ios::in | std::ios::out | std::ios::binary).seekp(180).put('x');
  EXPECT_EQ(error(), file_.string() +
                         ": is damaged at byte 159; move it away, and keep it: what it says up to "
                         "there holds");
  client_.bytes[5] = 9;
  EXPECT_EQ(error(),
            file_.string() + ": is damaged, or of another key or another chain; move it away");
}

TEST_F(ChainFileTest, ASecondUserIsRefused) {
  open();
  const auto second = ChainFile::open(file_, chain_, client_, hasher_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), file_.string() + ": another process is using this key");
}

}  // namespace
}  // namespace waggle::client
