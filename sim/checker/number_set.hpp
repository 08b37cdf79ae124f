#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace waggle::sim {

/// A set of numbers kept as runs: small when they come nearly in order.
class NumberSet {
 public:
  /// False if it was there.
  bool insert(std::uint64_t number) {
    auto next = runs_.upper_bound(number);
    auto before = next == runs_.begin() ? runs_.end() : std::prev(next);
    if (before != runs_.end() && number <= before->second) return false;
    const bool joins_before = before != runs_.end() && before->second + 1 == number;
    const bool joins_next = next != runs_.end() && next->first == number + 1;
    const std::uint64_t last = joins_next ? next->second : number;
    if (joins_next) runs_.erase(next);
    if (joins_before) {
      before->second = last;
    } else {
      runs_.emplace(number, last);
    }
    ++size_;
    return true;
  }
  std::uint64_t size() const noexcept { return size_; }
  std::size_t runs() const noexcept { return runs_.size(); }

 private:
  std::map<std::uint64_t, std::uint64_t> runs_;  ///< First to last.
  std::uint64_t size_ = 0;
};

}  // namespace waggle::sim
