// docs/bad-input.md does not rot: what it names exists, and no reason is left out.
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "consensus/core/refusal.hpp"

namespace waggle::style {
namespace {

const std::string kRoot = WAGGLE_SOURCE_DIR "/";

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::smatch> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return {std::sregex_iterator(text.begin(), text.end(), regex), {}};
}

std::set<std::string> all_reasons() {
  std::set<std::string> reasons;
  for (std::size_t i = 0; i < kRefusalCount; ++i) {
    reasons.emplace(to_string(static_cast<Refusal>(i)));
  }
  return reasons;
}

const std::string& page() {
  static const std::string text = read(kRoot + "docs/bad-input.md");
  return text;
}

TEST(BadInputPage, NamesTestsThatExist) {
  const auto named = matches(page(), R"(\[`(\w+)\.(\w+)`\]\(\.\./([\w/.]+)\))");
  EXPECT_GT(named.size(), 80u);
  for (const std::smatch& test : named) {
    const std::string source = read(kRoot + test[3].str());
    const std::regex declared("TEST(_F|_P)?\\(" + test[1].str() + ",\\s*" + test[2].str() + "\\)");
    EXPECT_TRUE(std::regex_search(source, declared))
        << test[1] << "." << test[2] << " is not in " << test[3];
  }
}

TEST(BadInputPage, EveryRowHasATestAndACounter) {
  std::size_t rows = 0;
  for (const std::smatch& row :
       matches(page(), R"(\n\|([^|\n]*)\|([^|\n]*)\|([^|\n]*)\|([^|\n]*)\|)")) {
    if (row[1].str().find("---") == 0 || row[1].str() == " input ") continue;
    ++rows;
    EXPECT_FALSE(matches(row[4].str(), R"(\[`\w+\.\w+`\])").empty()) << row[1];
    const bool counted = !matches(row[3].str(), "`\\w+`").empty();
    EXPECT_TRUE(counted || row[3].str() == " none ") << row[1];
  }
  EXPECT_GT(rows, 50u);
}

TEST(BadInputPage, NamesReasonsAndMetricsThatExistAndNoReasonIsLeftOut) {
  const std::set<std::string> known = all_reasons();
  const std::string metrics = read(kRoot + "smr/bin/waggled/metrics.cpp");
  std::set<std::string> named;
  for (const std::smatch& row : matches(page(), R"(\n\|[^|\n]*\|[^|\n]*\|([^|\n]*)\|[^|\n]*\|)")) {
    const std::string counted = row[1];
    for (const std::smatch& word : matches(counted, "`(\\w+)`")) {
      const bool metric = word[1].str().starts_with("waggle_");
      EXPECT_TRUE(metric ? metrics.find('"' + word[1].str() + '"') != std::string::npos
                         : known.contains(word[1]))
          << word[1];
    }
  }
  for (const std::smatch& word : matches(page(), "`(\\w+)`")) named.insert(word[1]);
  for (const std::string& reason : known) EXPECT_TRUE(named.contains(reason)) << reason;
}

}  // namespace
}  // namespace waggle::style
