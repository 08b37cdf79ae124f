#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "smr/bin/waggle_bench/histogram.hpp"

namespace waggle::bench {

using Clock = std::chrono::steady_clock;

/// What was measured between two moments.
struct Measured {
  std::uint64_t commands = 0;          ///< Answered in that time.
  Histogram latency;                   ///< Of the commands that were due in that time.
  std::uint64_t failed = 0;            ///< At any time: an outcome other than committed.
  std::string failure;                 ///< The first of them.
  std::uint64_t unanswered = 0;        ///< Due in that time and without answer at the end.
  std::chrono::microseconds pause{0};  ///< The longest time without any answer.
};

/// Collects answers. The latency of a command counts from the moment it was due: in open loop a
/// cluster that stalls is charged for all that should have been sent meanwhile. Thread-safe.
class Recorder {
 public:
  Recorder(Clock::time_point from, Clock::time_point to) : from_(from), to_(to), last_(from) {}

  void answered(Clock::time_point due, Clock::time_point now, std::uint64_t commands);
  void failed(std::uint64_t commands, const std::string& why);
  /// For commands without an answer at the end: their latency is what has passed, at least.
  void give_up(Clock::time_point due, Clock::time_point now, std::uint64_t commands);

  /// What was answered since the last call; for showing progress.
  struct Recent {
    std::uint64_t commands = 0;
    Histogram latency;
  };
  Recent take_recent();
  Measured measured() const;

 private:
  bool inside(Clock::time_point time) const { return time >= from_ && time < to_; }

  const Clock::time_point from_;
  const Clock::time_point to_;
  mutable std::mutex mutex_;
  Clock::time_point last_;  ///< Of the measured answers.
  Measured measured_;
  Recent recent_;
};

}  // namespace waggle::bench
