#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smr/config/error.hpp"

/// A parsed TOML file as plain values that know their lines, so that only one file of the project
/// sees the TOML library.
namespace waggle::config {

struct Value;

/// A section and the line on which it starts.
struct Table {
  int line = 1;
  std::map<std::string, Value, std::less<>> entries;
};

/// A value of a type that no key of ours has: a date, a number with a fraction.
struct Unsupported {
  std::string type;
};

struct Value {
  int line = 0;
  std::variant<std::string, std::int64_t, bool, Unsupported, std::vector<Value>, Table> data;
};

/// Parses TOML text; `file` is only the name that errors carry.
Loaded<Table> parse_toml(std::string_view text, const std::string& file);

/// Reads a whole file.
Loaded<std::string> read_file(const std::string& file);

}  // namespace waggle::config
