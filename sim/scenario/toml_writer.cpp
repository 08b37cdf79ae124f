#include "sim/scenario/toml_writer.hpp"

#include <fmt/format.h>

namespace waggle::sim {
namespace {

/// A basic string of TOML.
std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\u{:04X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

TomlWriter::TomlWriter(std::string_view comment) {
  while (!comment.empty()) {
    const std::size_t end = comment.find('\n');
    text_ += fmt::format("# {}\n", comment.substr(0, end));
    comment = end == std::string_view::npos ? std::string_view() : comment.substr(end + 1);
  }
}

void TomlWriter::begin(std::string_view table, bool even_if_empty) {
  table_ = fmt::format("\n{}\n", table);
  if (!even_if_empty) return;
  text_ += table_;
  table_.clear();
}

void TomlWriter::bytes(std::string_view key, std::uint64_t value, std::uint64_t usual) {
  if (value != usual) quoted(key, fmt::format("{}B", value));
}

void TomlWriter::rate(std::string_view key, std::uint64_t value, std::uint64_t usual) {
  if (value != usual) quoted(key, fmt::format("{}B/s", value));
}

void TomlWriter::always(std::string_view key, const std::string& text) { raw(key, quote(text)); }

void TomlWriter::always(std::string_view key, const std::vector<std::uint32_t>& numbers) {
  raw(key, fmt::format("[{}]", fmt::join(numbers, ", ")));
}

void TomlWriter::always(std::string_view key, const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(quote(text));
  raw(key, fmt::format("[{}]", fmt::join(quoted, ", ")));
}

void TomlWriter::raw(std::string_view key, std::string_view value) {
  text_ += table_;
  table_.clear();
  text_ += fmt::format("{} = {}\n", key, value);
}

}  // namespace waggle::sim
