#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "smr/config/address.hpp"
#include "smr/config/document.hpp"

namespace waggle::config {

/// Where the readers of one file put the first thing that is wrong; what follows is ignored.
class Diagnosis {
 public:
  explicit Diagnosis(std::string file) : file_(std::move(file)) {}
  void report(int line, std::string key, std::string message);
  const std::string& file() const noexcept { return file_; }
  bool ok() const noexcept { return !error_; }
  /// The value, or the error if one was reported.
  template <class T>
  Loaded<T> finish(T value) const {
    if (error_) return Unexpected{*error_};
    return value;
  }

 private:
  std::string file_;
  std::optional<ConfigError> error_;
};

/// Bounds of a number, both included.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// Reads one table of a file. Failure is sticky: it goes to the diagnosis once, every read after
/// it gives a default, and the loader looks at the end. Keys that the section does not know are
/// refused when it is opened, before a missing one is: a misspelt key is both.
class Section {
 public:
  /// `name` is "" for the file itself; `keys` are all that may occur. The table must outlive us.
  Section(const Table& table, std::string name, const std::vector<std::string_view>& keys,
          Diagnosis& diagnosis);

  /// A table below this one; an empty one if it is absent and may be.
  Section section(std::string_view key, const std::vector<std::string_view>& keys) const;
  Section optional_section(std::string_view key, const std::vector<std::string_view>& keys) const;
  /// The tables of an array, [[key]]; at least one.
  std::vector<Section> sections(std::string_view key,
                                const std::vector<std::string_view>& keys) const;
  /// The same; none if the key is absent.
  std::vector<Section> optional_sections(std::string_view key,
                                         const std::vector<std::string_view>& keys) const;

  std::string text(std::string_view key) const;
  std::string text(std::string_view key, std::string fallback) const;
  /// One of a few words.
  std::string word(std::string_view key, const std::vector<std::string_view>& words,
                   std::optional<std::string> fallback = std::nullopt) const;
  template <class T>
  T integer(std::string_view key, Range range) const {
    return static_cast<T>(integer_or(key, range, std::nullopt));
  }
  template <class T>
  T integer(std::string_view key, Range range, T fallback) const {
    return static_cast<T>(integer_or(key, range, static_cast<std::int64_t>(fallback)));
  }
  /// true or false.
  bool flag(std::string_view key, bool fallback) const;
  /// A list of numbers; empty if the key is absent.
  template <class T>
  std::vector<T> integers(std::string_view key, Range range) const {
    std::vector<T> numbers;
    const Value* value = find(key);
    if (value == nullptr) return numbers;
    const auto* items = std::get_if<std::vector<Value>>(&value->data);
    if (items == nullptr) fail(key, "must be a list of whole numbers");
    for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
      numbers.push_back(static_cast<T>(integer_of(key, (*items)[i], range)));
    }
    return numbers;
  }
  /// A fixed number of bytes in hex.
  template <class Fixed>
  Fixed hex(std::string_view key) const {
    const std::string digits = text(key);
    const auto value = fixed_from_hex<Fixed>(digits);
    if (!value && diagnosis_->ok()) fail(key, hex_message(Fixed::kSize, digits.size()));
    return value.value_or(Fixed{});
  }
  /// host:port.
  Address address(std::string_view key) const;
  std::optional<Address> optional_address(std::string_view key) const;

  const Value* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }
  /// Reports that a key of this section has a wrong value.
  void fail(std::string_view key, std::string message) const;
  /// Where the key is, or where it would be.
  Origin origin(std::string_view key) const;

  static std::string hex_message(std::size_t bytes, std::size_t digits);

 private:
  void refuse_unknown() const;
  const Value* require(std::string_view key) const;
  std::string text_of(std::string_view key, const Value& value) const;
  std::int64_t integer_of(std::string_view key, const Value& value, Range range) const;
  std::int64_t integer_or(std::string_view key, Range range,
                          std::optional<std::int64_t> fallback) const;
  std::string full(std::string_view key) const;
  std::string known_keys() const;

  const Table* table_;
  std::string name_;
  std::vector<std::string_view> keys_;
  Diagnosis* diagnosis_;
};

}  // namespace waggle::config
