#include <charconv>

#include "sim/scenario/loading.hpp"

namespace waggle::sim {
namespace {

using config::Table;
using config::Value;

/// What an override says of its value: TOML if it can be read so, text if not.
Value value_of(const std::string& text) {
  if (auto parsed = config::parse_toml("value = " + text, "")) {
    const auto found = parsed->entries.find("value");
    if (parsed->entries.size() == 1 && found != parsed->entries.end()) {
      found->second.line = 0;
      return found->second;
    }
  }
  return Value{0, text};
}

/// The entry of a table or array that one step of a path names; null if there can be none.
Value* step(Value& at, std::string_view name) {
  if (auto* table = std::get_if<Table>(&at.data)) {
    return &table->entries.try_emplace(std::string(name), Value{0, Table{}}).first->second;
  }
  auto* items = std::get_if<std::vector<Value>>(&at.data);
  if (items == nullptr) return nullptr;
  std::size_t index = 0;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool whole = end.ec == std::errc() && end.ptr == name.data() + name.size();
  return whole && index < items->size() ? &(*items)[index] : nullptr;
}

}  // namespace

void apply_overrides(Table& table, const std::vector<Override>& overrides,
                     config::Diagnosis& diagnosis) {
  Value root{1, std::move(table)};
  for (const auto& [path, text] : overrides) {
    Value* at = &root;
    std::string_view rest = path;
    while (at != nullptr && !rest.empty()) {
      const std::size_t dot = rest.find('.');
      at = step(*at, rest.substr(0, dot));
      rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    }
    if (at == nullptr || at == &root) {
      diagnosis.report(0, path, "there is no such place to set a value");
    } else {
      *at = value_of(text);
    }
  }
  table = std::get<Table>(std::move(root.data));
}

}  // namespace waggle::sim
