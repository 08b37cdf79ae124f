#include "sim/experiment/table.hpp"

#include <fmt/format.h>

#include "consensus/core/ensure.hpp"

namespace waggle::sim {
namespace {

std::string csv_field(const std::string& value) {
  if (value.find_first_of(",\"\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_line(const std::vector<std::string>& values) {
  std::string line;
  for (const std::string& value : values) line += (line.empty() ? "" : ",") + csv_field(value);
  return line + "\n";
}

std::string markdown_line(const std::vector<std::string>& values) {
  return fmt::format("| {} |\n", fmt::join(values, " | "));
}

/// Numbers stand to the right.
bool is_number(const std::string& value) {
  return value.empty() || value == "-" || (value[0] >= '0' && value[0] <= '9');
}

}  // namespace

void Table::add(std::vector<std::string> row) {
  ENSURE(row.size() == columns_.size(), "a value per column");
  rows_.push_back(std::move(row));
}

std::string Table::csv() const {
  std::string text = csv_line(columns_);
  for (const auto& row : rows_) text += csv_line(row);
  return text;
}

std::string Table::markdown() const {
  std::vector<std::string> rules;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    bool numbers = true;
    for (const auto& row : rows_) numbers = numbers && is_number(row[column]);
    rules.emplace_back(numbers ? "---:" : "---");
  }
  std::string text = markdown_line(columns_) + markdown_line(rules);
  for (const auto& row : rows_) text += markdown_line(row);
  return text;
}

}  // namespace waggle::sim
