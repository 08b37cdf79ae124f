#include "smr/client/number_file.hpp"

#include <filesystem>
#include <fstream>

namespace waggle::client {
namespace {

namespace fs = std::filesystem;

class NumberFileTest : public testing::Test {
 protected:
  NumberFileTest() {
    std::string name = testing::TempDir() + "waggle_numbers_XXXXXX";
    folder_ = mkdtemp(name.data());
    file_ = folder_ / "client.numbers";
    client_.bytes[0] = 1;
    chain_.bytes[0] = 2;
  }
  ~NumberFileTest() override { fs::remove_all(folder_); }

  auto open() const { return NumberFile::open(file_, chain_, client_); }
  std::string error() const {
    const auto opened = open();
    return opened ? "no error" : opened.error();
  }

  fs::path folder_;
  fs::path file_;
  PublicKey client_;
  Digest chain_;
};

TEST_F(NumberFileTest, ANewFileKnowsNothing) {
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ((*opened)->used_below(), std::nullopt);
}

TEST_F(NumberFileTest, RemembersAcrossOpening) {
  ASSERT_TRUE((*open())->set_used_below(1025));
  EXPECT_EQ((*open())->used_below(), 1025u);
  ASSERT_TRUE((*open())->set_used_below(7));
  EXPECT_EQ((*open())->used_below(), 7u);
}

TEST_F(NumberFileTest, OfANewKeySaysThatNothingIsUsed) {
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  EXPECT_EQ((*open())->used_below(), 1u);
  ASSERT_TRUE((*open())->set_used_below(50));
  ASSERT_TRUE(NumberFile::create(file_, chain_, client_));
  EXPECT_EQ((*open())->used_below(), 50u) << "must not start anew";
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
}

TEST_F(NumberFileTest, AnInaccessibleFileIsNamed) {
  file_ = folder_ / "no" / "such" / "folder";
  EXPECT_EQ(error(), file_.string() + ": cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace waggle::client
