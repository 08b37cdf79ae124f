#pragma once

#include <cstdint>
#include <set>

#include "consensus/core/ensure.hpp"

namespace waggle::client {

/// How many numbers, the lowest unsettled one included, may be in use at a time. Replicas execute
/// nothing above that, and keep the results of a client's latest 256 numbers: within the window
/// the result of an unsettled command is always still there to be asked for again.
inline constexpr std::uint32_t kWindow = 256;

/// The numbers of a client: handed out once, in order, and settled in any order.
class Window {
 public:
  explicit Window(std::uint64_t next) : next_(next) { ENSURE(next >= 1); }

  /// The lowest number that is not settled; next() if all are.
  std::uint64_t lowest() const noexcept { return open_.empty() ? next_ : *open_.begin(); }
  /// The number that take() gives out next.
  std::uint64_t next() const noexcept { return next_; }
  /// How many may be taken now.
  std::uint32_t room() const noexcept {
    const std::uint64_t used = next_ - lowest();
    return used >= kWindow ? 0 : kWindow - static_cast<std::uint32_t>(used);
  }

  /// Hands out `count` numbers, at most room(); returns the first.
  std::uint64_t take(std::uint32_t count);
  /// What became of a number is known. Again, or of a number never taken: nothing happens.
  void settle(std::uint64_t number);
  /// Leaves out the numbers below `next`: replicas will never execute them.
  void skip_to(std::uint64_t next);

 private:
  std::uint64_t next_;
  std::set<std::uint64_t> open_;  ///< Taken and not settled.
};

}  // namespace waggle::client
