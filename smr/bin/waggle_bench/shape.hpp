#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

/// The shape of a load: when commands are due, and how those in flight are divided.
namespace waggle::bench {

/// Open loop: a fixed number of commands per second, evenly spaced, whatever the cluster does.
/// Spans since the start. Pure.
class Schedule {
 public:
  using Span = std::chrono::nanoseconds;

  /// 1 .. 10^7 commands per second.
  explicit Schedule(std::uint64_t per_second) : rate_(per_second) {}

  /// When the command with this index, from 0 on, is due.
  Span due(std::uint64_t index) const;
  /// How many are due at `now` or were before.
  std::uint64_t due_by(Span now) const;

 private:
  std::uint64_t rate_;
};

/// Sessions of one client, and in each the sizes of the groups that are in flight at a time. A
/// session has a window of 256 numbers (smr/replica/sessions.hpp), and a replica that lags behind
/// the f+1 that answered refuses what is beyond its own; half a window leaves room for that. So
/// more than 128 commands in flight take several sessions, as several users do.
struct Session {
  std::vector<std::uint32_t> groups;
  std::uint32_t commands() const;
  friend bool operator==(const Session&, const Session&) = default;
};

inline constexpr std::uint32_t kSessionCommandsMax = 128;

/// Of the median rule, where a session is a key with as many lanes as groups, all of one command.
inline constexpr std::uint32_t kSessionLanesMax = 2048;

/// `in_flight` commands in groups of `batch`, 1 .. `session_max`, the last one perhaps smaller,
/// dealt out evenly to as few sessions of at most `session_max` as hold them.
std::vector<Session> divide(std::uint32_t in_flight, std::uint32_t batch,
                            std::uint32_t session_max = kSessionCommandsMax);

}  // namespace waggle::bench
