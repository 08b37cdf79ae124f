#include "net/send_queue.hpp"

#include <algorithm>
#include <tuple>

#include "consensus/core/ensure.hpp"

namespace waggle::net {

void SendQueue::push_unbounded(SharedFrame frame) {
  const std::size_t size = frame->wire_size();
  bytes_ += size;
  items_.push_back({std::move(frame), {}, size});
}

std::size_t SendQueue::push(SharedFrame frame, Delivery delivery) {
  const std::size_t size = frame->wire_size();
  if (size > bytes_max_) return 1;
  bytes_ += size;
  items_.push_back({std::move(frame), delivery, size});
  return over() ? make_room() : 0;
}

SharedFrame SendQueue::pop() {
  ENSURE(!items_.empty());
  SharedFrame frame = std::move(items_.front().frame);
  bytes_ -= items_.front().size;
  items_.pop_front();
  return frame;
}

std::size_t SendQueue::make_room() {
  View newest;
  for (const Item& item : items_) newest = std::max(newest, item.delivery.view);

  // What goes first sorts first: class, then view of a superseded message, then age.
  struct Candidate {
    int rank;
    View view;
    std::size_t index;
    auto operator<=>(const Candidate&) const = default;
  };
  std::vector<Candidate> order;
  order.reserve(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Delivery& d = items_[i].delivery;
    const bool superseded = d.kind == Delivery::Kind::kConsensus && d.view < newest;
    if (superseded)
      order.push_back({0, d.view, i});
    else if (d.kind == Delivery::Kind::kSync)
      order.push_back({1, {}, i});
    else if (d.kind == Delivery::Kind::kForward)
      order.push_back({2, {}, i});
    else
      order.push_back({3, {}, i});
  }
  std::sort(order.begin(), order.end());

  std::size_t dropped = 0;
  const std::size_t target = bytes_max_ - bytes_max_ / 4;
  for (const Candidate& candidate : order) {
    if (bytes_ <= target) break;
    bytes_ -= items_[candidate.index].size;
    items_[candidate.index].frame.reset();
    ++dropped;
  }
  std::erase_if(items_, [](const Item& item) { return item.frame == nullptr; });
  return dropped;
}

}  // namespace waggle::net
