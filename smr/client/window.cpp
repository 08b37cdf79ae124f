#include "smr/client/window.hpp"

#include <algorithm>

namespace waggle::client {

std::uint64_t Window::take(std::uint32_t count) {
  ENSURE(count <= room(), "takes more numbers than the window has");
  const std::uint64_t first = next_;
  for (; next_ < first + count; ++next_) open_.insert(open_.end(), next_);
  return first;
}

void Window::settle(std::uint64_t number) { open_.erase(number); }

void Window::skip_to(std::uint64_t next) { next_ = std::max(next_, next); }

}  // namespace waggle::client
