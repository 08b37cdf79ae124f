#include "net/listener.hpp"

#include <algorithm>

#include "net/event_loop_impl.hpp"

namespace waggle::net {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

Source source_of(const asio::ip::address& address) {
  Source source{};
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), source.begin() + 12);
    return source;
  }
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) {
    return source_of(asio::ip::make_address_v4(asio::ip::v4_mapped, v6));
  }
  const auto bytes = v6.to_bytes();
  std::copy_n(bytes.begin(), 8, source.begin());
  return source;
}

}  // namespace

void Admission::release() {
  if (!std::exchange(released_, true)) guard_->release(source_);
}

void Admission::failed() { guard_->failed(source_, std::chrono::steady_clock::now()); }

struct Listener::State : std::enable_shared_from_this<State> {
  State(EventLoop& loop, const SourceGuard::Limits& limits, Events e)
      : acceptor(loop.impl().context),
        retry(loop),
        guard(std::make_shared<SourceGuard>(limits)),
        events(std::move(e)) {}

  tcp::acceptor acceptor;
  Timer retry;
  std::shared_ptr<SourceGuard> guard;
  Events events;

  void accept() {
    acceptor.async_accept([weak = weak_from_this()](const error_code& error, tcp::socket socket) {
      const auto self = weak.lock();
      if (!self || !self->acceptor.is_open()) return;
      if (error) {  // out of descriptors, most likely: give them time to come back
        self->retry.start(Duration(100'000), [weak] {
          if (const auto again = weak.lock(); again && again->acceptor.is_open()) again->accept();
        });
        return;
      }
      self->admit(std::move(socket));
      if (self->acceptor.is_open()) self->accept();
    });
  }

  void admit(tcp::socket socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;  // gone again
    const Source source = source_of(remote.address());
    if (!guard->admit(source, std::chrono::steady_clock::now())) return events.on_throttled();
    events.on_accepted(std::move(socket), std::make_shared<Admission>(guard, source));
  }
};

Listener::Listener(EventLoop& loop, const SourceGuard::Limits& limits, Events events)
    : state_(std::make_shared<State>(loop, limits, std::move(events))) {}

Listener::~Listener() { close(); }

Result<void, std::string> Listener::open(const Endpoint& endpoint) {
  const auto failure = [&endpoint](const error_code& error) {
    return Unexpected{"cannot listen on " + endpoint.host + ":" + std::to_string(endpoint.port) +
                      ": " + error.message()};
  };
  error_code error;
  tcp::resolver resolver(state_->acceptor.get_executor());
  const auto found =
      resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive, error);
  if (error) return failure(error);
  if (found.empty()) return failure(asio::error::host_not_found);
  const tcp::endpoint local = found.begin()->endpoint();
  tcp::acceptor& acceptor = state_->acceptor;
  acceptor.open(local.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(local, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) port_ = acceptor.local_endpoint(error).port();
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
    return failure(error);
  }
  state_->accept();
  return {};
}

void Listener::close() {
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->retry.cancel();
}

void Listener::sweep() { state_->guard->sweep(std::chrono::steady_clock::now()); }

}  // namespace waggle::net
