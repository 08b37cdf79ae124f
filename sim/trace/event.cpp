#include "sim/trace/event.hpp"

#include <array>

namespace waggle::sim {

std::span<const std::string_view, kEventKindCount> event_kind_names() noexcept {
  static constexpr std::array<std::string_view, kEventKindCount> kNames = {
      "send",  "deliver", "drop",    "propose", "vote",    "timeout", "qc",
      "tc",    "view",    "suspend", "commit",  "execute", "log",     "stop",
      "start", "crash",   "pause",   "resume",  "disk",    "clock",   "cut",
      "heal",  "gst",     "strike",  "submit",  "ack",     "reject",  "violation"};
  return kNames;
}

std::string_view to_string(EventKind kind) noexcept {
  return event_kind_names()[static_cast<std::size_t>(kind)];
}

}  // namespace waggle::sim
