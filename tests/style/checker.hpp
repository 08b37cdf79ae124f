#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace waggle::style {

/// One breach of a rule. Rules: unknown-folder, include-layer, include-external, include-path,
/// core-isolation, banned, pointer-key, file-length, line-length, tab, trailing-space,
/// final-newline, pragma-once, using-namespace.
struct Finding {
  std::string file;
  std::size_t line = 0;
  std::string rule;
  std::string message;
};

/// "file:line: [rule] message".
std::string to_string(const Finding& finding);

/// Checks one file. `path` is relative to the repository's root; `exists` says whether another
/// such path does, and may be empty to believe every include.
std::vector<Finding> check_file(std::string_view path, std::string_view text,
                                const std::function<bool(const std::string&)>& exists = {});

}  // namespace waggle::style
