#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/event_loop.hpp"

namespace waggle::net {

/// Hands items from any thread to the loop's thread, in order. A burst costs one wake-up, and
/// what it sends leaves in one write. Bounded in bytes, in case the loop's thread is held up.
template <class Item>
class Outbox : public std::enable_shared_from_this<Outbox<Item>> {
 public:
  Outbox(EventLoop& loop, std::size_t bytes_max, std::function<void(std::vector<Item>)> drain)
      : loop_(loop), bytes_max_(bytes_max), drain_(std::move(drain)) {}

  /// False when it is full; the item is lost then. Any thread.
  bool push(Item item, std::size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      if (bytes_ != 0 && bytes_ + bytes > bytes_max_) return false;
      bytes_ += bytes;
      items_.push_back(std::move(item));
      if (std::exchange(posted_, true)) return true;
    }
    loop_.post([weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->empty();
    });
    return true;
  }

 private:
  void empty() {
    std::vector<Item> items;
    {
      const std::lock_guard lock(mutex_);
      items.swap(items_);
      bytes_ = 0;
      posted_ = false;
    }
    drain_(std::move(items));
  }

  EventLoop& loop_;
  const std::size_t bytes_max_;
  const std::function<void(std::vector<Item>)> drain_;
  std::mutex mutex_;
  std::vector<Item> items_;
  std::size_t bytes_ = 0;
  bool posted_ = false;
};

}  // namespace waggle::net
