#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

namespace waggle::smr {

/// Effects in their order, behind barriers: an effect is performed once everything in front of it
/// is durable, and at once if it is already. The core steps on meanwhile, so that several barriers
/// share one sync. Not thread-safe.
template <class Effect>
class EffectQueue {
 public:
  /// A Persist: what is passed from now on waits for it. Returns its number.
  std::uint64_t raise() { return ++issued_; }
  /// The barrier and all below it are durable; release() performs what waited.
  void lower(std::uint64_t barrier) { durable_ = std::max(durable_, barrier); }

  template <class Perform>
  void pass(Effect effect, Perform&& perform) {
    if (waiting_.empty() && durable_ == issued_) return perform(effect);
    waiting_.push_back({issued_, std::move(effect)});
  }
  /// `perform` may clear().
  template <class Perform>
  void release(Perform&& perform) {
    while (!waiting_.empty() && waiting_.front().barrier <= durable_) {
      Effect effect = std::move(waiting_.front().effect);
      waiting_.pop_front();
      perform(effect);
    }
  }
  void clear() { waiting_.clear(); }

  std::uint64_t issued() const noexcept { return issued_; }
  std::uint64_t durable() const noexcept { return durable_; }

 private:
  struct Waiting {
    std::uint64_t barrier;
    Effect effect;
  };
  std::deque<Waiting> waiting_;
  std::uint64_t issued_ = 0;
  std::uint64_t durable_ = 0;
};

}  // namespace waggle::smr
