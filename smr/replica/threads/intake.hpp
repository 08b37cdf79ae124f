#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace waggle::smr {

/// What has arrived from the network and is not dealt with yet, bounded for each source and served
/// in turns: whoever sends faster than it is served loses messages of its own, and keeps nobody
/// else waiting for more than its turn. Thread-safe.
class Intake {
 public:
  /// A peer or a connection, as the caller numbers them.
  using Source = std::uint64_t;
  /// Holds the place of a message among those of its source; goes along with what becomes of it.
  using Ticket = std::shared_ptr<const void>;
  using Work = std::function<void(const Ticket&)>;
  using Job = std::function<void()>;

  /// A message above a bound of bytes is taken when nothing else of its source is there.
  struct Limits {
    std::size_t messages_max = 1024;         ///< Of one source, until their tickets are gone.
    std::size_t bytes_max = 32 << 20;        ///< Of these.
    std::size_t all_bytes_max = 256 << 20;   ///< Of all sources.
    std::size_t turn_messages_max = 64;      ///< Of one source in the pool at a time.
    std::size_t turn_bytes_max = 256 << 10;  ///< Of these.
  };
  /// `pool` runs jobs on other threads, in their order, never inside the call; a job that it does
  /// not take is lost.
  Intake(const Limits& limits, std::function<void(Job)> pool);
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  /// False, and nothing happens, when the source has its share under way.
  bool submit(Source source, std::size_t bytes, Work work);

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace waggle::smr
