#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/event.hpp"

namespace waggle::sim {

/// Raised with every change of what a line means.
inline constexpr std::uint64_t kTraceVersion = 2;

/// What a trace says of the run it is of, in its first line.
struct TraceHeader {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string core;
  std::uint32_t n = 0;
  std::uint32_t f = 0;
  /// Byzantine replicas, each with what it does in a few words.
  std::vector<std::pair<std::uint32_t, std::string>> byzantine;
  /// The whole scenario as a scenario file: a trace stands alone.
  std::string toml;

  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

/// How the run ended, in the last line. A trace without it is of a run that was broken off.
struct TraceEnd {
  Duration at{0};
  std::string verdict;  ///< "ok", "violation" or "stalled".
  /// Property and detail of each violation.
  std::vector<std::pair<std::string, std::string>> violations;
  std::string reproduce;  ///< The command that repeats the run.

  friend bool operator==(const TraceEnd&, const TraceEnd&) = default;
};

/// The names that the fields of a kind have in a line, for those whose name depends on the kind.
/// An empty one: the kind has no such field.
struct FieldNames {
  std::string_view replica = "r";
  std::string_view peer = {};
  std::string_view number = {};
  std::string_view name = {};
  std::string_view count = {};
};
FieldNames field_names(EventKind kind);

/// The lines of a trace (docs/simulator.md), without line breaks. What is returned holds until the
/// next call.
class TraceLines {
 public:
  std::string_view header(const TraceHeader& header);
  std::string_view event(Duration at, const Event& event);
  std::string_view end(const TraceEnd& end);

 private:
  void key(std::string_view name);
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value);
  void block(std::string_view name, const Digest* id);
  template <class First, class Write>
  void pairs(std::string_view name, const std::vector<std::pair<First, std::string>>& all,
             const Write& write);

  std::string line_;  ///< Kept, so that a line costs no allocation.
};

/// Writes a trace: the header, one line per event, each as it happens, and the end. The stream
/// must outlive this; its failures are the owner's to look for.
class JsonLines final : public EventSink {
 public:
  JsonLines(std::ostream& out, const TraceHeader& header) : out_(out) {
    put(lines_.header(header));
  }

  void write(Duration at, const Event& event) override { put(lines_.event(at, event)); }
  /// After the last event.
  void finish(const TraceEnd& end) { put(lines_.end(end)); }

 private:
  void put(std::string_view line) { (out_ << line).put('\n'); }

  std::ostream& out_;
  TraceLines lines_;
};

}  // namespace waggle::sim
