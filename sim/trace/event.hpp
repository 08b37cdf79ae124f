#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"

namespace waggle::sim {

/// What can happen in a world. docs/simulator.md says which fields each kind has in a trace.
enum class EventKind : std::uint8_t {
  // Messages between replicas, as the network sees them.
  kSend,
  kDeliver,
  kDrop,
  // What a replica's record and core show after a step.
  kPropose,
  kVote,
  kTimeout,
  kQc,
  kTc,
  kView,
  kSuspend,
  // What its host does.
  kCommit,
  kExecute,
  kLog,
  kStop,
  // Faults and their end.
  kStart,
  kCrash,
  kPause,
  kResume,
  kDisk,
  kClock,
  kCut,
  kHeal,
  kGst,
  kStrike,
  // Clients.
  kSubmit,
  kAcknowledge,
  kReject,
  // What a checker found.
  kViolation,
};
inline constexpr std::size_t kEventKindCount = 28;

/// The kind in snake_case ("send"), as traces show it.
std::string_view to_string(EventKind kind) noexcept;
/// All of them, in the order of the enumerators.
std::span<const std::string_view, kEventKindCount> event_kind_names() noexcept;

/// One thing that happened. Fields that a kind does not have are left at their defaults. Views
/// and pointers hold only while the event is handed on.
struct Event {
  static constexpr std::uint32_t kNobody = 0xffffffff;

  EventKind kind;
  std::uint32_t replica = kNobody;  ///< Whose event it is; a client's number for its own.
  std::uint32_t peer = kNobody;     ///< The other end.
  std::uint64_t number = 0;         ///< Of a transmission or of a client's command.
  std::string_view name = {};       ///< Kind of message, reason, way; the text of a log line.
  View view = {};
  Height height = {};
  View qc_view = {};               ///< View of the QC that a block carries.
  const Digest* block = nullptr;   ///< Id.
  const Digest* parent = nullptr;  ///< Id of its parent.
  std::uint64_t count = 0;         ///< Bytes or commands.
};

/// Sees the events of a run in order. Not owned by what calls it.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void write(Duration at, const Event& event) = 0;
};

}  // namespace waggle::sim
