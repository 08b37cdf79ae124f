#include "tests/style/scanner.hpp"

#include <algorithm>

namespace waggle::style {
namespace {

constexpr auto kNpos = std::string_view::npos;

/// The end (one past) of the comment or literal that starts at `at`, or `at` if none does.
struct Span {
  std::size_t end;
  bool comment;
};

std::size_t after(std::string_view text, std::string_view what, std::size_t from) {
  const auto found = text.find(what, from);
  return found == kNpos ? text.size() : found + what.size();
}

std::size_t quoted_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    } else if (text[i] == '\n') {
      return i;  // not a literal after all; go on with the next line
    }
  }
  return text.size();
}

Span skip(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with("//")) return {std::min(text.find('\n', at), text.size()), true};
  if (rest.starts_with("/*")) return {after(text, "*/", at + 2), true};
  const bool in_word = at > 0 && is_word_char(text[at - 1]);
  if (rest.starts_with("R\"") && !in_word) {
    const auto open = text.find('(', at);
    if (open == kNpos) return {text.size(), false};
    const auto close = ")" + std::string(text.substr(at + 2, open - at - 2)) + "\"";
    return {after(text, close, open), false};
  }
  if (text[at] == '"') return {quoted_end(text, at), false};
  if (text[at] == '\'' && !in_word) return {quoted_end(text, at), false};  // 1'000 is a number
  return {at, false};
}

void blank(std::string& text, std::size_t from, std::size_t to) {
  std::replace_if(
      text.begin() + static_cast<std::ptrdiff_t>(from),
      text.begin() + static_cast<std::ptrdiff_t>(to), [](char c) { return c != '\n'; }, ' ');
}

}  // namespace

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Source scan(std::string_view text) {
  Source source{std::string(text), std::string(text), std::string(text)};
  for (std::size_t at = 0; at < text.size();) {
    const Span span = skip(text, at);
    if (span.end == at) {
      ++at;
      continue;
    }
    blank(source.code, at, span.end);
    if (span.comment) blank(source.no_comments, at, span.end);
    at = span.end;
  }
  return source;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (matches(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  return !text.empty() && pattern.front() == text.front() &&
         matches(pattern.substr(1), text.substr(1));
}

std::vector<Include> includes_of(const Source& source) {
  const auto skip_blanks = [](std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  std::vector<Include> includes;
  const auto lines = lines_of(source.no_comments);
  const auto code = lines_of(source.code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // A raw string may hold what looks like a directive; in `code` it is blank.
    if (code[i].find('#') == kNpos) continue;
    std::string_view line = lines[i];
    skip_blanks(line);
    if (!line.starts_with('#')) continue;
    line.remove_prefix(1);
    skip_blanks(line);
    if (!line.starts_with("include")) continue;
    line.remove_prefix(std::string_view("include").size());
    skip_blanks(line);
    if (line.empty() || (line.front() != '<' && line.front() != '"')) continue;
    const bool quoted = line.front() == '"';
    const auto end = line.find(quoted ? '"' : '>', 1);
    if (end == kNpos) continue;
    includes.push_back({i + 1, std::string(line.substr(1, end - 1)), quoted});
  }
  return includes;
}

}  // namespace waggle::style
