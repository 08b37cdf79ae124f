// docs/operations.md lists every sentence, with what it means and what to do, and no other.
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "smr/bin/waggle/diagnosis.hpp"
#include "smr/replica/explain.hpp"
#include "smr/replica/median_explain.hpp"

namespace waggle {
namespace {

struct Row {
  std::string level;
  std::string text;
  std::string meaning;
  std::string advice;
};

/// The cells of a Markdown row, without the empty ones at both ends.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '|');) {
    const auto begin = cell.find_first_not_of(' ');
    const auto end = cell.find_last_not_of(' ');
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  if (!cells.empty()) cells.erase(cells.begin());
  return cells;
}

/// By code; the rows below a heading, up to the next one.
std::map<std::string, Row> rows_below(const std::string& heading) {
  std::ifstream in(WAGGLE_SOURCE_DIR "/docs/operations.md");
  std::map<std::string, Row> rows;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) inside = line == heading;
    if (!inside || !line.starts_with("| `")) continue;
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != 5) {
      ADD_FAILURE() << "not five cells: " << line;
      continue;
    }
    const std::string code = cells[0].substr(1, cells[0].size() - 2);
    EXPECT_TRUE(rows.emplace(code, Row{cells[1], cells[2], cells[3], cells[4]}).second) << code;
  }
  return rows;
}

void expect_in_step(std::span<const smr::Sentence> sentences, std::map<std::string, Row> rows) {
  for (const smr::Sentence& sentence : sentences) {
    const auto row = rows.find(std::string(sentence.code));
    if (row == rows.end()) {
      ADD_FAILURE() << "docs/operations.md lacks " << sentence.code;
      continue;
    }
    EXPECT_EQ(row->second.level, to_string(sentence.level)) << sentence.code;
    EXPECT_EQ(row->second.text, sentence.text);
    EXPECT_FALSE(row->second.meaning.empty()) << sentence.code;
    EXPECT_EQ(row->second.advice, sentence.advice);
    rows.erase(row);
  }
  for (const auto& [code, row] : rows) ADD_FAILURE() << "no code says " << code;
}

TEST(Manual, ListsWhatAReplicaSaysOfItself) {
  expect_in_step(smr::replica_sentences(), rows_below("### A replica of itself"));
}

TEST(Manual, ListsWhatAMedianServerSaysOfItself) {
  expect_in_step(smr::median_sentences(), rows_below("### A median server of itself"));
}

TEST(Manual, ListsWhatTheAnswersOfAllShow) {
  expect_in_step(cli::cluster_sentences(), rows_below("### All replicas together"));
}

TEST(Manual, NoTwoSentencesOfOneProtocolShareACode) {
  for (const auto of_itself : {smr::replica_sentences(), smr::median_sentences()}) {
    std::map<std::string_view, int> codes;
    for (const smr::Sentence& one : of_itself) ++codes[one.code];
    for (const smr::Sentence& one : cli::cluster_sentences()) ++codes[one.code];
    for (const auto& [code, count] : codes) EXPECT_EQ(count, 1) << code;
  }
}

/// `waggle doctor` looks advice up by the code alone.
TEST(Manual, WhatBothProtocolsSayHasOneAdvice) {
  std::map<std::string_view, std::string_view> advice;
  for (const smr::Sentence& one : smr::replica_sentences()) advice[one.code] = one.advice;
  for (const smr::Sentence& one : smr::median_sentences()) {
    const auto same = advice.find(one.code);
    if (same == advice.end()) continue;
    EXPECT_EQ(same->second, one.advice) << one.code;
  }
}

}  // namespace
}  // namespace waggle
