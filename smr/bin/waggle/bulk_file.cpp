#include "smr/bin/waggle/bulk_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>

#include <fmt/format.h>

#include "smr/bin/waggle/cli.hpp"

namespace waggle::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r";

/// Takes the words of a line one by one.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) { skip_blanks(); }

  std::optional<std::string_view> optional() {
    if (rest_.empty()) return std::nullopt;
    const std::string_view word = rest_.substr(0, rest_.find_first_of(kBlanks));
    rest_.remove_prefix(word.size());
    skip_blanks();
    return word;
  }
  std::string_view required(std::string_view what) {
    const auto word = optional();
    if (!word) throw Failure(kBadInput, fmt::format("{} is missing", what));
    return *word;
  }
  std::string_view rest() { return std::exchange(rest_, {}); }
  void end() const {
    if (!rest_.empty()) throw Failure(kBadInput, fmt::format("\"{}\" is too much", rest_));
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
  }
  std::string_view rest_;
};

app::KvIncrement parse_increment(Words& words) {
  app::KvIncrement command{to_bytes(words.required("KEY")), 1};
  if (const auto by = words.optional()) {
    const auto number = app::parse_decimal(as_bytes(*by));
    if (!number) throw Failure(kBadInput, fmt::format("\"{}\" is not a number", *by));
    command.delta = *number;
  }
  return command;
}

app::KvCommand parse_words(std::string_view verb, Words& words) {
  if (verb == "get") return app::KvGet{to_bytes(words.required("KEY"))};
  if (verb == "delete") return app::KvDelete{to_bytes(words.required("KEY"))};
  if (verb == "incr") return parse_increment(words);
  if (verb == "put") {
    const std::string_view key = words.required("KEY");
    return app::KvPut{to_bytes(key), to_bytes(words.rest())};
  }
  if (verb == "cas") {
    const std::string_view key = words.required("KEY");
    const std::string_view expected = words.required("EXPECTED");
    return app::KvCas{to_bytes(key), to_bytes(expected), to_bytes(words.required("VALUE"))};
  }
  throw Failure(kBadInput, fmt::format("\"{}\" is not one of: put, get, delete, incr, cas", verb));
}

std::vector<app::KvCommand> read(std::istream& stream, const std::string& name) {
  std::vector<app::KvCommand> commands;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string::npos || line[start] == '#') continue;
    try {
      commands.push_back(parse_bulk_line(line));
    } catch (const Failure& failure) {
      throw Failure(kBadInput, fmt::format("{}:{}: {}", name, number, failure.what()));
    }
  }
  return commands;
}

}  // namespace

app::KvCommand parse_bulk_line(std::string_view line) {
  Words words(line);
  app::KvCommand command = parse_words(words.required("a command"), words);
  words.end();
  return command;
}

std::vector<app::KvCommand> read_bulk_file(const std::filesystem::path& file) {
  if (file == "-") return read(std::cin, "standard input");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    throw Failure(kBadInput,
                  fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
  }
  return read(stream, file.string());
}

}  // namespace waggle::cli
