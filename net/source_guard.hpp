#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>

#include "consensus/core/ids.hpp"

namespace waggle::net {

/// A source address: IPv4 as a whole, of IPv6 the first 64 bits, since one host has all the rest.
using Source = std::array<std::uint8_t, 16>;

/// Decides whether another connection from a source is let in: bounds how many there are at once,
/// from one source and in all, and turns a source away for a while when its connections keep
/// failing. Pure: the caller tells the time. Not thread-safe.
class SourceGuard {
 public:
  struct Limits {
    std::uint32_t total_max;
    std::uint32_t source_max;
    std::uint32_t failures_burst;  ///< Failures that a source may have at once,
    Duration failure_refill;       ///< and the time after which it may have one more.
  };
  using Time = std::chrono::steady_clock::time_point;

  explicit SourceGuard(const Limits& limits) : limits_(limits) {}

  /// True: let it in; to be followed by exactly one release().
  bool admit(const Source& source, Time now);
  void release(const Source& source);
  /// A connection of this source came to nothing or brought garbage.
  void failed(const Source& source, Time now);
  /// Forgets sources of which nothing needs to be remembered.
  void sweep(Time now);

  std::size_t sources() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::uint32_t open = 0;
    std::uint32_t failures = 0;
    Time refilled;
  };
  void refill(Entry& entry, Time now) const;

  Limits limits_;
  std::uint32_t total_ = 0;
  std::map<Source, Entry> entries_;
};

}  // namespace waggle::net
