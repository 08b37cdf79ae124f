#include "smr/bin/waggle_bench/recorder.hpp"

#include <algorithm>
#include <utility>

namespace waggle::bench {
namespace {

std::chrono::microseconds between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from);
}

}  // namespace

void Recorder::answered(Clock::time_point due, Clock::time_point now, std::uint64_t commands) {
  const std::lock_guard lock(mutex_);
  const auto latency = between(due, now);
  recent_.commands += commands;
  recent_.latency.add(latency, commands);
  if (inside(due)) measured_.latency.add(latency, commands);
  if (!inside(now)) return;
  measured_.commands += commands;
  measured_.pause = std::max(measured_.pause, between(last_, now));
  last_ = std::max(last_, now);
}

void Recorder::failed(std::uint64_t commands, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (measured_.failed == 0) measured_.failure = why;
  measured_.failed += commands;
}

void Recorder::give_up(Clock::time_point due, Clock::time_point now, std::uint64_t commands) {
  const std::lock_guard lock(mutex_);
  if (!inside(due)) return;
  measured_.unanswered += commands;
  measured_.latency.add(between(due, now), commands);
}

Recorder::Recent Recorder::take_recent() {
  const std::lock_guard lock(mutex_);
  return std::exchange(recent_, {});
}

Measured Recorder::measured() const {
  const std::lock_guard lock(mutex_);
  Measured all = measured_;
  all.pause = std::max(all.pause, between(last_, std::max(last_, to_)));
  return all;
}

}  // namespace waggle::bench
