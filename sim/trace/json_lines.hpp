#pragma once

#include <ostream>
#include <string>

#include "sim/trace/event.hpp"

namespace waggle::sim {

/// What a trace says of the run it is of, in its first line.
struct TraceHeader {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string core;
  std::uint32_t n = 0;
  std::uint32_t f = 0;
};

/// Writes a trace as JSON lines (docs/simulator.md): the header, then one line per event, each as
/// it happens. The stream must outlive this; its failures are the owner's to look for.
class JsonLines final : public EventSink {
 public:
  JsonLines(std::ostream& out, const TraceHeader& header);

  void write(Duration at, const Event& event) override;

 private:
  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, std::uint64_t value);
  void block(std::string_view key, const Digest* id);

  std::ostream& out_;
  std::string line_;  ///< Kept, so that a line costs no allocation.
};

}  // namespace waggle::sim
