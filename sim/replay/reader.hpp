#pragma once

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sim/trace/json_lines.hpp"
#include "smr/config/error.hpp"

namespace waggle::sim {

/// One event as a trace tells it. Of ids there are the eight bytes that traces show, then zeros.
struct TraceEvent {
  Duration at{0};
  Event fields;  ///< Its views and pointers are unset.
  std::string name;
  std::optional<Digest> block;
  std::optional<Digest> parent;

  /// The event whole; holds as long as this does.
  Event event() const;
};

using TraceLine = std::variant<TraceEvent, TraceEnd>;

/// Reads a trace line by line, in memory for one line. What is wrong with it is told in words that
/// name file, line and field; a trace whose last line is missing is broken off, which is no error.
class TraceReader {
 public:
  static constexpr std::uint32_t kReplicasMax = 256;

  /// Reads the header. The stream must outlive the reader; `file` is the name that errors carry.
  static config::Loaded<TraceReader> open(std::istream& in, const std::string& file);

  const TraceHeader& header() const noexcept { return header_; }
  const std::string& file() const noexcept { return file_; }

  /// Goes to the next line; false behind the last. What is left of a line in whose middle the file
  /// ends is none.
  bool advance();
  /// The line as it stands in the file, and its number.
  std::string_view text() const noexcept { return text_; }
  std::uint64_t line() const noexcept { return line_; }
  /// What the line says.
  config::Loaded<TraceLine> parse();
  /// Whether the last line has been parsed. If not when advance() is false: broken off.
  bool complete() const noexcept { return complete_; }

 private:
  TraceReader(std::istream& in, std::string file) : in_(&in), file_(std::move(file)) {}

  config::ConfigError error(std::string key, std::string message) const;

  std::istream* in_;
  std::string file_;
  TraceHeader header_;
  std::string text_;
  std::uint64_t line_ = 0;
  Duration now_{0};
  bool complete_ = false;
};

}  // namespace waggle::sim
