#include "net/dialer.hpp"

#include <algorithm>

#include <boost/asio/connect.hpp>

#include "net/event_loop_impl.hpp"

namespace waggle::net {

using asio::ip::tcp;
using boost::system::error_code;

Duration Backoff::next() {
  const Duration wait = next_;
  next_ = std::min(max_, next_ * 2);
  const auto half = static_cast<std::uint64_t>(wait.count() / 2);
  return wait - Duration(static_cast<std::int64_t>(half == 0 ? 0 : random_() % (half + 1)));
}

struct Dialer::State : std::enable_shared_from_this<State> {
  State(EventLoop& l, Config c, Events e)
      : loop(l),
        config(std::move(c)),
        events(std::move(e)),
        backoff(config.reconnect_min, config.reconnect_max),
        timer(loop),
        resolver(loop.impl().context),
        socket(loop.impl().context) {}

  EventLoop& loop;
  Config config;
  Events events;
  Backoff backoff;
  Timer timer;  // of the attempt, or of the wait before the next one
  tcp::resolver resolver;
  tcp::socket socket;
  std::uint64_t attempt = 0;  // what comes back from an earlier one is ignored

  void dial() {
    const std::uint64_t current = ++attempt;
    timer.start(config.connect_timeout, [this] { failed("timed out"); });
    error_code error;
    const auto address = asio::ip::make_address(config.endpoint.host, error);
    if (!error) return connect(current, {tcp::endpoint(address, config.endpoint.port)});
    resolver.async_resolve(
        config.endpoint.host, std::to_string(config.endpoint.port),
        [weak = weak_from_this(), current](const error_code& failure, const auto& results) {
          const auto self = weak.lock();
          if (!self || self->attempt != current) return;
          if (failure) return self->failed(failure.message());
          std::vector<tcp::endpoint> endpoints;
          for (const auto& result : results) endpoints.push_back(result.endpoint());
          self->connect(current, endpoints);
        });
  }

  void connect(std::uint64_t current, const std::vector<tcp::endpoint>& endpoints) {
    asio::async_connect(
        socket, endpoints,
        [weak = weak_from_this(), current](const error_code& error, const tcp::endpoint&) {
          const auto self = weak.lock();
          if (!self || self->attempt != current) return;
          if (error) return self->failed(error.message());
          if (self->reached_itself()) return self->failed("nobody listens");
          self->timer.cancel();
          tcp::socket connected = std::move(self->socket);
          self->socket = tcp::socket(self->loop.impl().context);
          self->events.on_connected(std::move(connected));
        });
  }

  /// On one machine, dialling a port of the dynamic range may meet the dialling socket itself.
  bool reached_itself() const {
    error_code error;
    const auto local = socket.local_endpoint(error);
    return !error && local == socket.remote_endpoint(error);
  }

  void cancel() {
    ++attempt;
    timer.cancel();
    resolver.cancel();
    error_code ignored;
    socket.close(ignored);
  }

  void wait(Duration at_least) {
    timer.start(std::max(backoff.next(), at_least), [this] { dial(); });
  }

  void failed(const std::string& why) {
    cancel();
    wait(Duration{0});
    events.on_failed("cannot reach " + config.endpoint.host + ":" +
                     std::to_string(config.endpoint.port) + ": " + why);
  }
};

Dialer::Dialer(EventLoop& loop, Config config, Events events)
    : state_(std::make_shared<State>(loop, std::move(config), std::move(events))) {}

Dialer::~Dialer() { stop(); }
void Dialer::start() { state_->dial(); }
void Dialer::stop() { state_->cancel(); }

void Dialer::closed(bool good, Duration at_least) {
  if (good) state_->backoff.reset();
  state_->wait(at_least);
}

void Dialer::set_endpoint(Endpoint endpoint) { state_->config.endpoint = std::move(endpoint); }

}  // namespace waggle::net
