#pragma once

#include <functional>
#include <memory>
#include <random>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "net/endpoint.hpp"
#include "net/event_loop.hpp"

namespace waggle::net {

/// Waits between attempts: doubling from min to max, each shortened by a random part of up to a
/// half, so that many diallers do not come at the same moment.
class Backoff {
 public:
  Backoff(Duration min, Duration max) : min_(min), max_(max), next_(min) {}
  Duration next();
  void reset() noexcept { next_ = min_; }

 private:
  Duration min_;
  Duration max_;
  Duration next_;
  std::minstd_rand random_{std::random_device{}()};
};

/// One outgoing link that is to be up all the time: dials, hands the connected socket over, and
/// after closed() waits and dials again. Only on the loop's thread.
class Dialer {
 public:
  struct Config {
    Endpoint endpoint;
    Duration connect_timeout;
    Duration reconnect_min;
    Duration reconnect_max;
  };
  struct Events {
    /// Connected. The dialer rests until closed() is called.
    std::function<void(boost::asio::ip::tcp::socket)> on_connected;
    /// This attempt failed; the next one follows by itself.
    std::function<void(const std::string& why)> on_failed;
  };
  Dialer(EventLoop& loop, Config config, Events events);
  ~Dialer();
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  /// Dials at once.
  void start();
  void stop();
  /// The connection that was handed over has ended. The waits begin anew if it was `good`: open
  /// for a while. Dials again after the back-off, and not before `at_least`.
  void closed(bool good, Duration at_least = Duration{0});
  void set_endpoint(Endpoint endpoint);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace waggle::net
