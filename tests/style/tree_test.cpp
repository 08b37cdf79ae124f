#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/style/checker.hpp"
#include "tests/style/rules.hpp"
#include "tests/style/scanner.hpp"

namespace waggle::style {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = WAGGLE_SOURCE_DIR;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Every C++ file of the project, relative to the root, in order.
std::vector<std::string> source_files() {
  std::vector<std::string> files;
  for (std::string_view root : roots()) {
    if (!fs::is_directory(kRoot / root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / root)) {
      const auto extension = entry.path().extension();
      const bool is_cpp =
          extension == ".hpp" || extension == ".cpp" || extension == ".h" || extension == ".cc";
      if (entry.is_regular_file() && is_cpp) {
        files.push_back(fs::relative(entry.path(), kRoot).generic_string());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Tree, FollowsEveryRule) {
  const auto files = source_files();
  ASSERT_FALSE(files.empty()) << "no sources under " << kRoot;
  const auto exists = [](const std::string& path) { return fs::is_regular_file(kRoot / path); };
  for (const auto& file : files) {
    for (const Finding& finding : check_file(file, read(kRoot / file), exists)) {
      ADD_FAILURE() << to_string(finding);
    }
  }
}

/// The pages that programs carry are sources too.
TEST(Tree, PagesKeepToTheSameLengths) {
  for (const auto& entry : fs::directory_iterator(kRoot / "sim/report/page")) {
    const std::string text = read(entry.path());
    EXPECT_LE(lines_of(text).size(), kLinesMax) << entry.path();
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      EXPECT_LE(columns(line), kColumnsMax) << entry.path() << ":" << number;
    }
  }
}

/// So that whoever adds one sees all the others.
TEST(Tree, DomainTagsStandInOnePlace) {
  for (const auto& file : source_files()) {
    if (file == "consensus/core/domain.hpp" || file.starts_with("tests/")) continue;
    EXPECT_EQ(read(kRoot / file).find("domain::tag("), std::string::npos) << file;
  }
}

/// Not a failure: files to split before they reach the limit.
TEST(Tree, ListsLongFiles) {
  for (const auto& file : source_files()) {
    const auto lines = lines_of(read(kRoot / file)).size();
    if (lines > kLinesWarn) std::cout << "long file: " << file << ", " << lines << " lines\n";
  }
}

/// A folder in the table that names a header which is gone allows nothing; the row is stale.
TEST(Tree, TablesNameWhatExists) {
  for (const Layer& layer : layers()) {
    for (std::string_view entry : layer.may_include) {
      if (entry.ends_with(".hpp")) {
        EXPECT_TRUE(fs::exists(kRoot / entry)) << layer.folder << " may include " << entry;
      }
    }
  }
  for (const Exemption& exemption : exemptions()) {
    EXPECT_TRUE(fs::exists(kRoot / exemption.file)) << exemption.file;
  }
}

}  // namespace
}  // namespace waggle::style
