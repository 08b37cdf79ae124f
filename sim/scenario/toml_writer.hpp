#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/units.hpp"

namespace waggle::sim {

/// Writes the TOML of a scenario, value by value. A table that stays empty is left out, unless it
/// means something by being there.
class TomlWriter {
 public:
  /// `comment`: what the file is, any number of lines.
  explicit TomlWriter(std::string_view comment);

  /// What follows belongs to this table, such as "[network]".
  void begin(std::string_view table, bool even_if_empty = false);

  /// Writes the value unless it is the usual one.
  template <class T>
  void value(std::string_view key, const T& value, const T& usual) {
    if (value != usual) always(key, value);
  }
  void bytes(std::string_view key, std::uint64_t value, std::uint64_t usual);
  void rate(std::string_view key, std::uint64_t value, std::uint64_t usual);

  template <std::integral T>
  void always(std::string_view key, T value) {
    if constexpr (std::same_as<T, bool>) {
      raw(key, value ? "true" : "false");
    } else {
      raw(key, std::to_string(value));
    }
  }
  void always(std::string_view key, const std::string& text);
  void always(std::string_view key, Duration span) { quoted(key, to_text(span)); }
  void always(std::string_view key, Share share) { quoted(key, to_text(share)); }
  void always(std::string_view key, const Latency& latency) { quoted(key, to_text(latency)); }
  void always(std::string_view key, const std::vector<std::uint32_t>& numbers);
  void always(std::string_view key, const std::vector<std::string>& texts);
  /// The value as TOML writes it.
  void raw(std::string_view key, std::string_view value);

  std::string take() { return std::move(text_); }

 private:
  void quoted(std::string_view key, const std::string& text) { raw(key, '"' + text + '"'); }

  std::string text_;
  std::string table_;  ///< Begun, but still empty.
};

}  // namespace waggle::sim
