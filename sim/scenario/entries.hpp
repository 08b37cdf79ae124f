#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "smr/config/section.hpp"

/// Arrays of sections of which each names its kind, such as [[fault]] with kind = "crash".
namespace waggle::sim {

/// "... is unknown", with the nearest of the words, or all of them.
std::string unknown(const std::string& word, const std::vector<std::string_view>& words);

/// The kind that an entry names under `key`; null, and reported, if there is none.
template <class Kinds>
auto find_kind(const config::Table& entry, const std::string& name, std::string_view key,
               const Kinds& kinds, config::Diagnosis& diagnosis) -> decltype(&*kinds.begin()) {
  const std::string full = name + "." + std::string(key);
  const auto found = entry.entries.find(key);
  const auto* text =
      found == entry.entries.end() ? nullptr : std::get_if<std::string>(&found->second.data);
  if (text == nullptr) {
    diagnosis.report(entry.line, full, "must be there, as text in quotes");
    return nullptr;
  }
  std::vector<std::string_view> names;
  for (const auto& kind : kinds) {
    if (kind.name == *text) return &kind;
    names.push_back(kind.name);
  }
  diagnosis.report(found->second.line, full, unknown(*text, names));
  return nullptr;
}

/// Calls `read` with kind, section and name of every entry of an array; each entry may have the
/// common keys and those that keys_of(kind) names. `prefix`: what the array's name begins with in
/// messages.
template <class Kinds, class Read>
void for_each_entry(const config::Section& root, std::string_view prefix, std::string_view array,
                    std::string_view kind_key, const Kinds& kinds,
                    std::vector<std::string_view> common, config::Diagnosis& diagnosis,
                    const Read& read) {
  const config::Value* value = root.find(array);
  if (value == nullptr) return;
  common.push_back(kind_key);
  const auto* items = std::get_if<std::vector<config::Value>>(&value->data);
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    const auto* entry = std::get_if<config::Table>(&(*items)[i].data);
    if (entry == nullptr) break;
    const std::string name =
        std::string(prefix) + std::string(array) + "[" + std::to_string(i) + "]";
    const auto* kind = find_kind(*entry, name, kind_key, kinds, diagnosis);
    if (kind == nullptr) return;
    std::vector<std::string_view> keys = common;
    const auto own = keys_of(*kind);
    keys.insert(keys.end(), own.begin(), own.end());
    read(*kind, config::Section(*entry, name, keys, diagnosis), name);
  }
  if (items == nullptr) root.fail(array, "must be sections, [[" + std::string(array) + "]]");
}

}  // namespace waggle::sim
