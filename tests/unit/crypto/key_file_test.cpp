#include "crypto/key_file.hpp"

#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_folder.hpp"

namespace waggle::crypto {
namespace {

using Path = std::filesystem::path;
using Reason = KeyFileError::Reason;

constexpr KeyKind kKinds[] = {KeyKind::kConsensus, KeyKind::kTls, KeyKind::kClient};

class KeyFile : public testing::Test {
 protected:
  static std::string content(const Path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void put(std::string_view text, mode_t mode = 0600) const {
    std::ofstream(file_, std::ios::trunc) << text;
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }
  /// The text of a good file.
  std::string good() const {
    return "waggle-key 1 consensus\n" + seed_hex() + "\n" + to_hex(keys_.public_key().view()) +
           "\n";
  }
  std::string seed_hex() const { return to_hex(keys_.seed()); }

  void expect_refused(Reason reason, KeyKind kind = KeyKind::kConsensus) const {
    const auto read = read_key_file(file_, kind);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().reason, reason) << read.error().text;
    expect_good_text(read.error().text);
  }
  /// One line that names the file and gives nothing of the secret away.
  void expect_good_text(const std::string& text) const {
    EXPECT_NE(text.find(file_.string()), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_EQ(text.find(seed_hex().substr(0, 8)), std::string::npos) << text;
  }

  const TempFolder directory_;
  Path file_ = directory_ / "replica.key";
  KeyPair keys_ = KeyPair::generate();
};

TEST_F(KeyFile, ReadsBackWhatWasWritten) {
  for (const KeyKind kind : kKinds) {
    const Path file = directory_ / to_string(kind);
    ASSERT_TRUE(write_key_file(file, kind, keys_).has_value());
    const auto read = read_key_file(file, kind);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->public_key(), keys_.public_key());
    EXPECT_EQ(to_hex(read->seed()), seed_hex());
  }
}

TEST_F(KeyFile, HasTheDocumentedFormat) {
  ASSERT_TRUE(write_key_file(file_, KeyKind::kConsensus, keys_).has_value());
  EXPECT_EQ(content(file_), good());
}

TEST_F(KeyFile, IsWrittenForItsOwnerOnlyWhateverTheUmask) {
  for (const mode_t mask : {0U, 022U, 0777U}) {
    const Path file = directory_ / std::to_string(mask);
    const mode_t before = ::umask(mask);
    const auto written = write_key_file(file, KeyKind::kTls, keys_);
    ::umask(before);
    ASSERT_TRUE(written.has_value());
    struct stat status = {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
  }
}

TEST_F(KeyFile, LeavesNothingElseBehind) {
  ASSERT_TRUE(write_key_file(file_, KeyKind::kTls, keys_).has_value());
  ASSERT_FALSE(write_key_file(file_, KeyKind::kTls, keys_).has_value());
  const std::filesystem::directory_iterator entries(directory_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(KeyFile, IsNeverOverwritten) {
  put("precious", 0644);
  const auto written = write_key_file(file_, KeyKind::kTls, keys_);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().reason, Reason::kExists);
  expect_good_text(written.error().text);
  EXPECT_EQ(content(file_), "precious");
}

TEST_F(KeyFile, IsNotWrittenIntoAMissingDirectory) {
  file_ = directory_ / "missing" / "replica.key";
  const auto written = write_key_file(file_, KeyKind::kTls, keys_);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().reason, Reason::kCannotWrite);
  expect_good_text(written.error().text);
}

TEST_F(KeyFile, IsRefusedWhenOpenToOthers) {
  for (const mode_t bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
    put(good(), 0600 | bit);
    expect_refused(Reason::kPermissions);
    const auto read = read_key_file(file_, KeyKind::kConsensus);
    EXPECT_NE(read.error().text.find("chmod 600 " + file_.string()), std::string::npos);
  }
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    put(good(), mode);
    EXPECT_TRUE(read_key_file(file_, KeyKind::kConsensus).has_value());
  }
}

TEST_F(KeyFile, IsRefusedAsAnotherKind) {
  put(good());
  expect_refused(Reason::kWrongKind, KeyKind::kTls);
  expect_refused(Reason::kWrongKind, KeyKind::kClient);
  const auto read = read_key_file(file_, KeyKind::kTls);
  EXPECT_NE(read.error().text.find("a consensus key, not a tls key"), std::string::npos);
}

TEST_F(KeyFile, IsRefusedWhenMalformed) {
  const std::string rest = good().substr(good().find('\n'));
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("hello"), std::string(5000, 'a'),
        std::string(300, '\0'), good() + "\n", good() + "x", good() + good(), " " + good(),
        "Waggle-key 1 consensus" + rest, "waggle-key 1 Consensus" + rest, "waggle-key 1 " + rest,
        "waggle-key 1 validator" + rest, "waggle-key 1 consensus " + rest,
        "waggle-key 1 consensus\r" + rest, "waggle-key 1 consensus\n" + rest}) {
    put(text);
    expect_refused(Reason::kMalformed);
  }
}

TEST_F(KeyFile, IsRefusedWhenOfAnUnknownVersion) {
  const std::string rest = good().substr(good().find('\n'));
  for (const char* version : {"2", "10", "0", "one", ""}) {
    put(std::string("waggle-key ") + version + " consensus" + rest);
    expect_refused(Reason::kVersion);
  }
}

TEST_F(KeyFile, IsRefusedWhenCutShortAnywhere) {
  const std::string text = good();
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    put(text.substr(0, size));
    EXPECT_FALSE(read_key_file(file_, KeyKind::kConsensus).has_value()) << size << " bytes";
  }
  put(text.substr(0, text.size() - 1));  // an editor may drop the last line feed
  EXPECT_TRUE(read_key_file(file_, KeyKind::kConsensus).has_value());
}

TEST_F(KeyFile, IsRefusedWhenAnyByteIsWrong) {
  for (std::size_t i = 0; i < good().size(); ++i) {
    std::string text = good();
    text[i] = static_cast<char>(text[i] ^ 1);
    put(text);
    EXPECT_FALSE(read_key_file(file_, KeyKind::kConsensus).has_value()) << "byte " << i;
  }
}

TEST_F(KeyFile, IsRefusedWhenThePublicKeyIsAnother) {
  put("waggle-key 1 consensus\n" + seed_hex() + "\n" +
      to_hex(KeyPair::generate().public_key().view()) + "\n");
  expect_refused(Reason::kMismatch);
}

TEST_F(KeyFile, IsRefusedWhenItIsNoFile) {
  expect_refused(Reason::kCannotRead);  // missing
  file_ = directory_.path();
  expect_refused(Reason::kCannotRead);
  file_ = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  expect_refused(Reason::kCannotRead);
}

TEST_F(KeyFile, MayBeReachedThroughASymbolicLink) {
  put(good());
  const Path link = directory_ / "link";
  std::filesystem::create_symlink(file_, link);
  EXPECT_TRUE(read_key_file(link, KeyKind::kConsensus).has_value());
}

}  // namespace
}  // namespace waggle::crypto
