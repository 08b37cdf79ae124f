#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "consensus/core/bytes.hpp"

namespace waggle::sim {

/// Takes the fields of one line of a trace out of its JSON. The first that is wrong is kept; every
/// read after it gives a default, and the reader looks at the end.
class LineFields {
 public:
  struct Problem {
    std::string key;
    std::string message;
  };

  explicit LineFields(const nlohmann::json& line) : line_(line) {}

  /// A whole number from 0 to max; the fallback if the field is left out and may be.
  std::uint64_t number(std::string_view key, std::uint64_t max = ~std::uint64_t{0},
                       std::optional<std::uint64_t> fallback = 0);
  /// "" if the field is left out and may be.
  std::string text(std::string_view key, bool required = false);
  /// Eight bytes in hex.
  std::optional<Digest> block(std::string_view key);
  /// Objects with two fields each: `read` takes them.
  template <class Read>
  void list(std::string_view key, const Read& read) {
    known_.push_back(key);
    const auto found = line_.find(key);
    if (found == line_.end()) return;
    if (!found->is_array()) return fail(key, "must be a list");
    for (const nlohmann::json& item : *found) {
      if (!item.is_object()) return fail(key, "must be a list of objects");
      LineFields fields(item);
      read(fields);
      if (const auto wrong = fields.finish()) {
        return fail(std::string(key) + "." + wrong->key, wrong->message);
      }
    }
  }

  void fail(std::string_view key, std::string message);
  /// What is wrong; a field that nobody asked for is.
  std::optional<Problem> finish();

 private:
  const nlohmann::json* find(std::string_view key, bool required);

  const nlohmann::json& line_;
  std::vector<std::string_view> known_;
  std::optional<Problem> problem_;
};

}  // namespace waggle::sim
