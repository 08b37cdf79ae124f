#pragma once

#include <deque>

#include "consensus/core/ids.hpp"

namespace waggle::sim {

/// One value per height, for heights that rise without gaps; the lowest are forgotten.
template <class T>
class HeightWindow {
 public:
  /// The next height to be appended; 1 at first.
  Height end() const noexcept { return Height{first_.value + values_.size()}; }
  /// Null: beyond the end, or forgotten.
  const T* find(Height height) const {
    if (height < first_ || height >= end()) return nullptr;
    return &values_[height.value - first_.value];
  }
  void append(T value) { values_.push_back(std::move(value)); }
  void forget_up_to(Height height) {
    while (first_ <= height && !values_.empty()) {
      values_.pop_front();
      first_ = first_.next();
    }
  }

 private:
  std::deque<T> values_;
  Height first_{1};
};

}  // namespace waggle::sim
