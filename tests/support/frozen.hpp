#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace waggle {

/// All of a file, or nothing if there is none.
inline std::string text_of_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Expects that the file holds `current`, to the letter, and shows the first line that differs.
/// With WAGGLE_REWRITE=1 writes it first: the difference is for review.
inline void expect_frozen(const std::string& file, const std::string& current) {
  const char* const rewrite = std::getenv("WAGGLE_REWRITE");
  if (rewrite != nullptr && std::string(rewrite) == "1") {
    std::ofstream(file, std::ios::trunc | std::ios::binary) << current;
  }
  const std::string frozen = text_of_file(file);
  if (frozen == current) return;
  std::istringstream before(frozen);
  std::istringstream after(current);
  std::string was;
  std::string is;
  std::size_t line = 0;
  do {
    ++line;
    was.clear();
    is.clear();
    std::getline(before, was);
    std::getline(after, is);
  } while (was == is && (before || after));
  ADD_FAILURE() << file << " differs in line " << line << "\n  frozen: " << was.substr(0, 200)
                << "\n     now: " << is.substr(0, 200)
                << "\nif this is meant: the same test with WAGGLE_REWRITE=1";
}

}  // namespace waggle
