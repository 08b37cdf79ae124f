#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/event.hpp"

namespace waggle::sim {

/// What a trace says of the run it is of, in its first line.
struct TraceHeader {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string core;
  std::uint32_t n = 0;
  std::uint32_t f = 0;
  /// Byzantine replicas, each with what it does in a few words.
  std::vector<std::pair<std::uint32_t, std::string>> byzantine;
};

/// How the run ended, in the last line. A trace without it is of a run that was broken off.
struct TraceEnd {
  std::string verdict;  ///< "ok", "violation" or "stalled".
  /// Property and detail of each violation.
  std::vector<std::pair<std::string, std::string>> violations;
  std::string reproduce;  ///< The command that repeats the run.
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

/// Writes a trace as JSON lines (docs/simulator.md): the header, one line per event, each as it
/// happens, and the end. The stream must outlive this; its failures are the owner's to look for.
class JsonLines final : public EventSink {
 public:
  JsonLines(std::ostream& out, const TraceHeader& header);

  void write(Duration at, const Event& event) override;
  /// After the last event.
  void finish(Duration at, const TraceEnd& end);

 private:
  void key(std::string_view name);
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value);
  void block(std::string_view name, const Digest* id);
  template <class First, class Write>
  void pairs(std::string_view name, const std::vector<std::pair<First, std::string>>& all,
             const Write& write);
  void end_line();

  std::ostream& out_;
  std::string line_;  ///< Kept, so that a line costs no allocation.
};

}  // namespace waggle::sim
