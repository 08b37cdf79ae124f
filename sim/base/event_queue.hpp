#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "consensus/core/ids.hpp"

namespace waggle::sim {

/// Virtual time in microseconds and what happens in it: by time, then in the order of asking.
class EventQueue {
 public:
  using Action = std::function<void()>;

  Duration now() const noexcept { return now_; }
  bool empty() const noexcept { return events_.empty(); }
  /// Time of the next event; the queue must not be empty.
  Duration next_at() const { return events_.top().at; }

  void after(Duration delay, Action action) {
    events_.push({now_ + delay, sequence_++, std::move(action)});
  }
  void run_next() {
    // The action is moved out before it runs, because it may ask for more.
    Event event = std::move(const_cast<Event&>(events_.top()));
    events_.pop();
    now_ = event.at;
    event.action();
  }
  /// Lets time pass in which nothing happens.
  void advance_to(Duration at) { now_ = std::max(now_, at); }

 private:
  struct Event {
    Duration at;
    std::uint64_t sequence;
    Action action;
    friend bool operator<(const Event& a, const Event& b) {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };
  std::priority_queue<Event> events_;
  Duration now_{0};
  std::uint64_t sequence_ = 0;
};

}  // namespace waggle::sim
