#pragma once

#include <deque>

#include "net/frame.hpp"

namespace waggle::net {

/// Frames waiting for one connection, oldest first, bounded in bytes (see Delivery for what gives
/// way). When the bound is passed it makes room down to three quarters of it, so that a full
/// queue is sorted through once in a while and not on every push. Not thread-safe.
class SendQueue {
 public:
  explicit SendQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Returns how many frames were dropped, perhaps this one among them.
  std::size_t push(SharedFrame frame, Delivery delivery);
  SharedFrame pop();

  bool empty() const noexcept { return items_.empty(); }
  std::size_t size() const noexcept { return items_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }
  bool over() const noexcept { return bytes_ > bytes_max_; }
  /// Adds a frame without making room: for connections that are cut off instead.
  void push_unbounded(SharedFrame frame);

 private:
  struct Item {
    SharedFrame frame;
    Delivery delivery;
    std::size_t size;
  };
  std::size_t make_room();

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<Item> items_;
};

}  // namespace waggle::net
