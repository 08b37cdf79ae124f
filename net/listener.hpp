#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "consensus/core/result.hpp"
#include "net/endpoint.hpp"
#include "net/event_loop.hpp"
#include "net/source_guard.hpp"

namespace waggle::net {

/// The place that one accepted connection takes at its source; given back when this is destroyed.
class Admission {
 public:
  Admission(std::shared_ptr<SourceGuard> guard, Source source)
      : guard_(std::move(guard)), source_(source) {}
  ~Admission() { release(); }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  void release();
  /// The connection came to nothing, or brought garbage: counts against its source. Also possible
  /// after release().
  void failed();

 private:
  std::shared_ptr<SourceGuard> guard_;
  Source source_;
  bool released_ = false;
};
using AdmissionPtr = std::shared_ptr<Admission>;

/// Accepts connections of a port and turns away those above the limits before any work is spent
/// on them. Only on the loop's thread.
class Listener {
 public:
  struct Events {
    std::function<void(boost::asio::ip::tcp::socket, AdmissionPtr)> on_accepted;
    std::function<void()> on_throttled;
  };
  Listener(EventLoop& loop, const SourceGuard::Limits& limits, Events events);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Result<void, std::string> open(const Endpoint& endpoint);
  void close();
  std::uint16_t port() const noexcept { return port_; }
  /// Forgets sources that behave. To be called every now and then.
  void sweep();

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::uint16_t port_ = 0;
};

}  // namespace waggle::net
