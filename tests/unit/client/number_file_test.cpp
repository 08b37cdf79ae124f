#include "smr/client/number_file.hpp"

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.hpp"

namespace waggle::client {
namespace {

namespace fs = std::filesystem;

class NumberFileTest : public testing::Test {
 protected:
  NumberFileTest() {
    client_.bytes[0] = 1;
    chain_.bytes[0] = 2;
  }

  auto open() const { return NumberFile::open(file_, chain_, client_); }
  std::string error() const {
    const auto opened = open();
    return opened ? "no error" : opened.error();
  }

  const TempFolder folder_;
  fs::path file_ = folder_ / "client.numbers";
  PublicKey client_;
  Digest chain_;
};

TEST_F(NumberFileTest, ANewFileKnowsNothing) {
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ((*opened)->used_below(0), std::nullopt);
}

TEST_F(NumberFileTest, RemembersAcrossOpening) {
  ASSERT_TRUE((*open())->set_used_below(1025));
  EXPECT_EQ((*open())->used_below(0), 1025u);
  ASSERT_TRUE((*open())->set_used_below(7));
  EXPECT_EQ((*open())->used_below(0), 7u);
}

TEST_F(NumberFileTest, OfANewKeySaysThatNothingIsUsed) {
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  EXPECT_EQ((*open())->used_below(0), 1u);
  ASSERT_TRUE((*open())->set_used_below(50));
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  EXPECT_EQ((*open())->used_below(0), 50u) << "must not start anew";
}

TEST_F(NumberFileTest, RemembersEachLane) {
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  const auto in_lane = [](std::uint16_t lane, std::uint64_t number) {
    return std::optional(median::lane_number(lane, number));
  };
  {
    const auto opened = open();
    ASSERT_TRUE((*opened)->set_used_below(*in_lane(3, 7)));
    ASSERT_TRUE((*opened)->set_used_below(*in_lane(1, 9)));
    ASSERT_TRUE((*opened)->set_used_below(*in_lane(3, 8)));
    ASSERT_TRUE((*opened)->sync());
  }
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ((*opened)->used_below(0), 1u);
  EXPECT_EQ((*opened)->used_below(1), in_lane(1, 9));
  EXPECT_EQ((*opened)->used_below(2), in_lane(2, 1)) << "never used";
  EXPECT_EQ((*opened)->used_below(3), in_lane(3, 8));
  EXPECT_EQ((*opened)->used_below(65535), in_lane(65535, 1));
}

TEST_F(NumberFileTest, OfAnOlderKeyDoesNotKnowOtherLanes) {
  ASSERT_TRUE((*open())->set_used_below(median::lane_number(2, 5)));
  const auto opened = open();
  EXPECT_EQ((*opened)->used_below(0), std::nullopt);
  EXPECT_EQ((*opened)->used_below(1), std::nullopt);
  EXPECT_EQ((*opened)->used_below(2), median::lane_number(2, 5));
  EXPECT_EQ((*opened)->used_below(3), std::nullopt);
}

TEST_F(NumberFileTest, ALineThatACrashCutOffWasNeverUsed) {
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  const auto size = fs::file_size(file_);
  ASSERT_TRUE((*open())->set_used_below(median::lane_number(1, 5)));
  ASSERT_EQ(fs::file_size(file_), size + 32);
  fs::resize_file(file_, size + 20);
  EXPECT_EQ((*open())->used_below(1), median::lane_number(1, 1));
  fs::resize_file(file_, size);
  fs::resize_file(file_, size + 32);  // Space without content.
  EXPECT_EQ((*open())->used_below(1), median::lane_number(1, 1));
  ASSERT_TRUE((*open())->set_used_below(median::lane_number(1, 6)));
  EXPECT_EQ((*open())->used_below(1), median::lane_number(1, 6));
}

TEST_F(NumberFileTest, IsPrivate) {
  ASSERT_TRUE(open());
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(NumberFileTest, ASecondUserIsRefused) {
  const auto first = open();
  ASSERT_TRUE(first);
  EXPECT_EQ(error(), file_.string() +
                         ": another process is using this key; wait for it, or use a key of your "
                         "own (waggle keygen)");
}

TEST_F(NumberFileTest, AnotherKeyOrChainIsRefused) {
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  const std::string refusal =
      file_.string() + ": belongs to another key or another chain; name another file";
  chain_.bytes[0] = 3;
  EXPECT_EQ(error(), refusal);
  chain_.bytes[0] = 2;
  client_.bytes[0] = 3;
  EXPECT_EQ(error(), refusal);
}

TEST_F(NumberFileTest, DamageIsRefused) {
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  const std::string refusal =
      file_.string() + ": is damaged; remove it, the client finds its numbers again";
  fs::resize_file(file_, fs::file_size(file_) - 1);
  EXPECT_EQ(error(), refusal);
  std::ofstream(file_) << "something else entirely";
  EXPECT_EQ(error(), refusal);
  fs::remove(file_);
  ASSERT_TRUE((*open())->set_used_below(median::lane_number(1, 5)));
  std::ofstream(file_, std::ios::app) << "lane 00007 00000000000000000001\n";
  EXPECT_EQ(error(), refusal);
}

TEST_F(NumberFileTest, AnInaccessibleFileIsNamed) {
  file_ = folder_ / "no" / "such" / "folder";
  EXPECT_EQ(error(), file_.string() + ": cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace waggle::client
