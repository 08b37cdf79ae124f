#pragma once

#include <optional>
#include <string>

#include "sim/replay/reader.hpp"
#include "sim/scenario/run.hpp"

namespace waggle::sim {

/// The scenario that a trace is of, out of its header.
config::Loaded<Scenario> scenario_of(const TraceReader& trace);

/// The first line of a trace that a run does not go through.
struct Difference {
  std::uint64_t line = 0;
  std::string expected;  ///< As it stands in the file.
  std::string got;       ///< As the run would have written it; empty: the run was over.
};

/// Compares the events of a run with a trace while it runs, line by line and byte by byte; a line
/// that is only written another way counts as equal. Looks no further than the first difference.
class Comparison final : public EventSink {
 public:
  /// Hands every event on to `next` too, if there is one. Both must outlive this.
  explicit Comparison(TraceReader& trace, EventSink* next = nullptr) : trace_(trace), next_(next) {}

  void write(Duration at, const Event& event) override;
  /// After the run.
  void finish(const RunReport& report);

  /// What is wrong with the trace itself.
  const std::optional<config::ConfigError>& error() const noexcept { return error_; }
  const std::optional<Difference>& difference() const noexcept { return difference_; }
  /// Events that were equal.
  std::uint64_t equal() const noexcept { return equal_; }
  /// The trace ended before the run did: it was broken off.
  bool broken_off() const noexcept { return broken_off_; }

 private:
  bool done() const { return error_ || difference_ || broken_off_; }
  void differ(std::string got);

  TraceReader& trace_;
  EventSink* next_;
  TraceLines lines_;
  std::uint64_t equal_ = 0;
  bool broken_off_ = false;
  std::optional<Difference> difference_;
  std::optional<config::ConfigError> error_;
};

}  // namespace waggle::sim
