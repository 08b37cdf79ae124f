#pragma once

#include <cstdint>
#include <set>

#include "consensus/core/ensure.hpp"

namespace waggle::client {

/// The numbers of a session: handed out once, in order, and settled in any order. From the lowest
/// unsettled one on only so many are handed out as replicas would execute (Capability::window).
class Window {
 public:
  Window(std::uint64_t next, std::uint32_t size) : next_(next), size_(size) { ENSURE(next >= 1); }

  /// The lowest number that is not settled; next() if all are.
  std::uint64_t lowest() const noexcept { return open_.empty() ? next_ : *open_.begin(); }
  /// The number that take() gives out next.
  std::uint64_t next() const noexcept { return next_; }
  /// How many may be taken now.
  std::uint32_t room() const noexcept {
    const std::uint64_t used = next_ - lowest();
    return used >= size_ ? 0 : size_ - static_cast<std::uint32_t>(used);
  }

  /// Hands out `count` numbers, at most room(); returns the first.
  std::uint64_t take(std::uint32_t count);
  /// What became of a number is known. Again, or of a number never taken: nothing happens.
  void settle(std::uint64_t number);
  /// Leaves out the numbers below `next`: replicas will never execute them.
  void skip_to(std::uint64_t next);

 private:
  std::uint64_t next_;
  std::uint32_t size_;
  std::set<std::uint64_t> open_;  ///< Taken and not settled.
};

}  // namespace waggle::client
