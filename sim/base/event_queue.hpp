#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "consensus/core/ensure.hpp"
#include "consensus/core/ids.hpp"
#include "sim/base/action.hpp"

namespace waggle::sim {

/// Virtual time in microseconds and what happens in it: by time, then in the order of asking.
class EventQueue {
 public:
  Duration now() const noexcept { return now_; }
  bool empty() const noexcept { return heap_.empty(); }
  std::size_t size() const noexcept { return heap_.size(); }
  /// Events that have happened.
  std::uint64_t count() const noexcept { return count_; }
  /// Time of the next event; the queue must not be empty.
  Duration next_at() const { return heap_.front().at; }

  /// `delay` is at least zero.
  void after(Duration delay, Action action) {
    ENSURE(delay >= Duration{0}, "nothing happens in the past");
    std::uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(actions_.size());
      actions_.push_back(std::move(action));
    } else {
      slot = free_.back();
      free_.pop_back();
      actions_[slot] = std::move(action);
    }
    heap_.push_back({now_ + delay, sequence_++, slot});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  void at(Duration time, Action action) {
    after(std::max(time - now_, Duration{0}), std::move(action));
  }

  void run_next() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Entry next = heap_.back();
    heap_.pop_back();
    now_ = next.at;
    ++count_;
    // The action is moved out before it runs, because it may ask for more.
    Action action = std::move(actions_[next.slot]);
    free_.push_back(next.slot);
    action();
  }
  /// Lets time pass in which nothing happens.
  void advance_to(Duration at) { now_ = std::max(now_, at); }

 private:
  struct Entry {
    Duration at;
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
  }

  std::vector<Entry> heap_;
  std::vector<Action> actions_;
  std::vector<std::uint32_t> free_;
  Duration now_{0};
  std::uint64_t sequence_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace waggle::sim
