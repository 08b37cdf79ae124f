#pragma once

#include <atomic>
#include <memory>

#include "net/stats.hpp"

namespace waggle::net {

/// The counters behind Stats: one thread adds, any thread reads.
struct Counters {
  using Counter = std::atomic<std::uint64_t>;

  std::array<Counter, kRefusalCount> refused{};
  Counter bytes_in{0};
  Counter bytes_out{0};
  Counter frames_in{0};
  Counter frames_out{0};
  Counter frames_dropped{0};
  Counter connections{0};
  Counter connections_opened{0};
  Counter handshakes_failed{0};

  void refuse(Refusal reason) { add(refused[static_cast<std::size_t>(reason)]); }
  static void add(Counter& counter, std::uint64_t by = 1) {
    counter.fetch_add(by, std::memory_order_relaxed);
  }

  Stats read() const {
    const auto get = [](const Counter& c) { return c.load(std::memory_order_relaxed); };
    Stats stats;
    for (std::size_t i = 0; i < kRefusalCount; ++i) stats.refused[i] = get(refused[i]);
    stats.bytes_in = get(bytes_in);
    stats.bytes_out = get(bytes_out);
    stats.frames_in = get(frames_in);
    stats.frames_out = get(frames_out);
    stats.frames_dropped = get(frames_dropped);
    stats.connections = get(connections);
    stats.connections_opened = get(connections_opened);
    stats.handshakes_failed = get(handshakes_failed);
    return stats;
  }
};
using CountersPtr = std::shared_ptr<Counters>;

}  // namespace waggle::net
