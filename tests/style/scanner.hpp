#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace waggle::style {

/// One source file in three readings of equal length and equal line breaks.
struct Source {
  std::string text;         ///< As it stands in the file.
  std::string no_comments;  ///< Comments blanked.
  std::string code;         ///< Comments, string and character literals blanked.
};

struct Include {
  std::size_t line = 0;  ///< From 1.
  std::string header;    ///< What stands between the brackets or quotes.
  bool quoted = false;
};

Source scan(std::string_view text);
std::vector<Include> includes_of(const Source& source);

/// Lines without their line break.
std::vector<std::string_view> lines_of(std::string_view text);
/// The line, from 1, of a position in the text.
std::size_t line_at(std::string_view text, std::size_t offset);
/// Columns of a line of UTF-8.
std::size_t columns(std::string_view line);
/// Whether `text` fits `pattern`, in which * stands for any characters, slashes too.
bool matches(std::string_view pattern, std::string_view text);
bool is_word_char(char c);

}  // namespace waggle::style
