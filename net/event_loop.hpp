#pragma once

#include <functional>
#include <memory>

#include "consensus/core/ids.hpp"

namespace waggle::net {

class EventLoop;

/// One timer of a loop; may be started again and again. Only on the loop's thread, and destroyed
/// before the loop. After cancel(), start() or destruction the earlier function never runs.
class Timer {
 public:
  explicit Timer(EventLoop& loop);
  ~Timer();
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) noexcept;

  void start(Duration after, std::function<void()> run);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// A queue of functions, timers and sockets, served by the one thread that calls run(). That thread
/// is "the loop's thread"; before the first run() it is the thread that sets things up.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Serves until stop() is called, even while there is nothing to do.
  void run();
  /// Makes run() return soon. Any thread. A later run() goes on where this one ended.
  void stop() noexcept;
  /// Serves until `done` holds or `at_most` has passed; returns done(). It is asked after every
  /// event.
  bool run_until(const std::function<bool()>& done, Duration at_most);

  /// Runs `function` on the loop's thread, in the order of the calls, never inside this call.
  /// Any thread. Does not wake more often than needed: a busy loop costs no system call.
  void post(std::function<void()> function);

  /// Runs `function` once after a while, unless the handle is cancelled or destroyed before.
  [[nodiscard]] Timer run_after(Duration after, std::function<void()> function);

  /// From now on SIGTERM and SIGINT wait for on_signal() instead of ending the process. To be
  /// called before other threads are started, which then leave these signals to this one.
  static void hold_signals() noexcept;
  /// Calls `function` on the loop's thread for every SIGTERM and SIGINT of the process, those that
  /// were held included. On the thread that held them. At most one loop of a process does this.
  void on_signal(std::function<void(int)> function);

  struct Impl;  ///< Boost.Asio's io_context; seen only inside net/.
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace waggle::net
