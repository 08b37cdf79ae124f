#include "smr/config/document.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

// Only this file sees the library.
#include <toml++/toml.h>

namespace waggle::config {
namespace {

int line_of(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

Table convert(const toml::table& table);

Value convert(const toml::node& node) {
  Value value{line_of(node), {}};
  if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.data = flag->get();
  } else if (const auto* array = node.as_array()) {
    std::vector<Value> items;
    for (const toml::node& item : *array) items.push_back(convert(item));
    value.data = std::move(items);
  } else if (const auto* table = node.as_table()) {
    value.data = convert(*table);
  } else {
    value.data = Unsupported{node.is_floating_point() ? "a number with a fraction" : "a date"};
  }
  return value;
}

Table convert(const toml::table& table) {
  Table result{line_of(table), {}};
  for (const auto& [key, node] : table) {
    Value value = convert(node);
    // A table of an array has its own line; everything else is found by its key.
    if (!node.is_table() && !node.is_array_of_tables()) {
      value.line = static_cast<int>(key.source().begin.line);
    }
    result.entries.emplace(std::string(key.str()), std::move(value));
  }
  return result;
}

}  // namespace

std::string ConfigError::to_string() const {
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line);
  if (!key.empty()) text += ": " + key;
  return text + ": " + message;
}

Loaded<Table> parse_toml(std::string_view text, const std::string& file) {
  try {
    Table table = convert(toml::parse(text, file));
    table.line = 1;
    return table;
  } catch (const toml::parse_error& error) {
    return Unexpected{ConfigError{file, static_cast<int>(error.source().begin.line), "",
                                  std::string(error.description())}};
  }
}

Loaded<std::string> read_file(const std::string& file) {
  errno = 0;
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(file, ignored);  // reads as if it were empty
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (folder || !stream || stream.bad()) {
    const int code = folder ? EISDIR : errno == 0 ? EIO : errno;
    return Unexpected{ConfigError{file, 0, "", std::string("cannot be read: ") + strerror(code)}};
  }
  return text.str();
}

}  // namespace waggle::config
