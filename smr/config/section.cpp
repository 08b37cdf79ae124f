#include "smr/config/section.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "consensus/core/ensure.hpp"
#include "smr/config/nearest.hpp"

namespace waggle::config {
namespace {

const Table& empty_table() {
  static const Table table;
  return table;
}

}  // namespace

void Diagnosis::report(int line, std::string key, std::string message) {
  if (!error_) error_ = ConfigError{file_, line, std::move(key), std::move(message)};
}

Section::Section(const Table& table, std::string name, const std::vector<std::string_view>& keys,
                 Diagnosis& diagnosis)
    : table_(&table), name_(std::move(name)), keys_(keys), diagnosis_(&diagnosis) {
  refuse_unknown();
}

void Section::refuse_unknown() const {
  // The first in the file, not the first in the alphabet.
  const std::string* unknown = nullptr;
  int line = 0;
  for (const auto& [key, value] : table_->entries) {
    const bool known = std::find(keys_.begin(), keys_.end(), key) != keys_.end();
    if (known || (unknown != nullptr && value.line >= line)) continue;
    unknown = &key;
    line = value.line;
  }
  if (unknown == nullptr) return;
  const std::string_view close = nearest(*unknown, keys_);
  diagnosis_->report(line, full(*unknown),
                     close.empty() ? "unknown key; valid here: " + known_keys()
                                   : fmt::format("unknown key; did you mean {}?", close));
}

Section Section::section(std::string_view key, const std::vector<std::string_view>& keys) const {
  const bool present = require(key) != nullptr;
  return present ? optional_section(key, keys)
                 : Section(empty_table(), full(key), keys, *diagnosis_);
}

Section Section::optional_section(std::string_view key,
                                  const std::vector<std::string_view>& keys) const {
  const Value* value = find(key);
  const Table* table = &empty_table();
  if (value != nullptr) {
    if (const auto* found = std::get_if<Table>(&value->data))
      table = found;
    else
      fail(key, fmt::format("must be a section, [{}]", full(key)));
  }
  return {*table, full(key), keys, *diagnosis_};
}

std::vector<Section> Section::sections(std::string_view key,
                                       const std::vector<std::string_view>& keys) const {
  std::vector<Section> result;
  const Value* value = find(key);
  const auto* items = value == nullptr ? nullptr : std::get_if<std::vector<Value>>(&value->data);
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    const auto* table = std::get_if<Table>(&(*items)[i].data);
    if (table == nullptr) break;
    result.emplace_back(*table, fmt::format("{}[{}]", full(key), i), keys, *diagnosis_);
  }
  if (result.empty() || result.size() != items->size()) {
    fail(key, fmt::format("must be one or more sections, [[{}]]", full(key)));
  }
  return result;
}

std::vector<Section> Section::optional_sections(std::string_view key,
                                                const std::vector<std::string_view>& keys) const {
  return has(key) ? sections(key, keys) : std::vector<Section>();
}

bool Section::flag(std::string_view key, bool fallback) const {
  const Value* value = find(key);
  if (value == nullptr) return fallback;
  const auto* flag = std::get_if<bool>(&value->data);
  if (flag == nullptr) fail(key, "must be true or false");
  return flag != nullptr && *flag;
}

std::string Section::text(std::string_view key) const {
  const Value* value = require(key);
  return value == nullptr ? "" : text_of(key, *value);
}

std::string Section::text(std::string_view key, std::string fallback) const {
  const Value* value = find(key);
  return value == nullptr ? fallback : text_of(key, *value);
}

std::string Section::text_of(std::string_view key, const Value& value) const {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return fail(key, "must be text in quotes"), "";
  if (text->empty()) fail(key, "must not be empty");
  return *text;
}

std::string Section::word(std::string_view key, const std::vector<std::string_view>& words,
                          std::optional<std::string> fallback) const {
  std::string chosen = fallback ? text(key, *fallback) : text(key);
  if (std::find(words.begin(), words.end(), chosen) == words.end() && diagnosis_->ok()) {
    fail(key, fmt::format("\"{}\" is not one of: {}", chosen, fmt::join(words, ", ")));
  }
  return chosen;
}

std::int64_t Section::integer_or(std::string_view key, Range range,
                                 std::optional<std::int64_t> fallback) const {
  const Value* value = fallback ? find(key) : require(key);
  return value == nullptr ? fallback.value_or(range.min) : integer_of(key, *value, range);
}

std::int64_t Section::integer_of(std::string_view key, const Value& value, Range range) const {
  const auto* number = std::get_if<std::int64_t>(&value.data);
  if (number == nullptr) {
    fail(key, fmt::format("must be a whole number, {} .. {}", range.min, range.max));
    return range.min;
  }
  if (*number < range.min || *number > range.max) {
    fail(key, fmt::format("{} is out of range, {} .. {}", *number, range.min, range.max));
    return range.min;
  }
  return *number;
}

Address Section::address(std::string_view key) const {
  const std::string given = text(key);
  const auto address = parse_address(given);
  if (!address && diagnosis_->ok()) {
    fail(key, fmt::format("\"{}\" is not host:port with a port in 1 .. 65535", given));
  }
  return address.value_or(Address{});
}

std::optional<Address> Section::optional_address(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return address(key);
}

const Value* Section::find(std::string_view key) const {
  ENSURE(std::find(keys_.begin(), keys_.end(), key) != keys_.end(), "reads an undeclared key");
  const auto found = table_->entries.find(key);
  return found == table_->entries.end() ? nullptr : &found->second;
}

const Value* Section::require(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) diagnosis_->report(table_->line, full(key), "missing; add it");
  return value;
}

Origin Section::origin(std::string_view key) const {
  const Value* value = find(key);
  return {diagnosis_->file(), value == nullptr ? table_->line : value->line, full(key)};
}

void Section::fail(std::string_view key, std::string message) const {
  const Value* value = find(key);
  diagnosis_->report(value == nullptr ? table_->line : value->line, full(key), std::move(message));
}

std::string Section::hex_message(std::size_t bytes, std::size_t digits) {
  return fmt::format("must be {} hex digits ({} given)", 2 * bytes, digits);
}

std::string Section::full(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

std::string Section::known_keys() const { return fmt::format("{}", fmt::join(keys_, ", ")); }

}  // namespace waggle::config
