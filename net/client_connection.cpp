#include "net/client_connection.hpp"

#include "net/codec.hpp"
#include "net/connection.hpp"
#include "net/dialer.hpp"
#include "net/event_loop_impl.hpp"
#include "net/outbox.hpp"
#include "net/sweep.hpp"

namespace waggle::net {

using asio::ip::tcp;

class ClientConnection::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(EventLoop& loop, ClientConnectionConfig config, ClientConnectionCallbacks callbacks)
      : loop_(loop),
        config_(std::move(config)),
        callbacks_(std::move(callbacks)),
        tls_(TlsContext::Role::kClient, nullptr),
        counters_(std::make_shared<Counters>()),
        dialer_(loop,
                {config_.endpoint, config_.connect_timeout, config_.reconnect_min,
                 config_.reconnect_max},
                {[this](tcp::socket socket) { begin(std::move(socket)); },
                 [this](const std::string& why) { report_down(why); }}),
        sweeper_(loop) {}

  /// Needs a shared pointer to this, so it is not part of the constructor.
  void prepare() {
    outbox_ = std::make_shared<Outbox<SharedFrame>>(
        loop_, config_.queue_bytes_max, [weak = weak_from_this()](std::vector<SharedFrame> frames) {
          if (const auto self = weak.lock()) self->drain(std::move(frames));
        });
  }

  void start() {
    dialer_.start();
    sweep();
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    sweeper_.cancel();
    dialer_.stop();
    if (const auto connection = std::exchange(connection_, nullptr)) connection->abandon();
  }

  bool up() const noexcept { return connection_ && connection_->open(); }

  void push(SharedFrame frame) {
    const std::size_t size = frame->wire_size();
    if (!outbox_->push(std::move(frame), size)) Counters::add(counters_->frames_dropped);
  }

  void refuse(Refusal reason) {
    counters_->refuse(reason);
    if (!closes_connection(reason)) return;
    loop_.post([weak = weak_from_this()] {
      const auto self = weak.lock();
      const auto connection = self ? self->connection_ : nullptr;
      if (connection) connection->close(std::nullopt, "the replica sent what cannot be decoded");
    });
  }

  Stats stats() const { return counters_->read(); }

 private:
  void begin(tcp::socket socket);
  void closed(const Closed& closed);

  void report_down(const std::string& why) {
    if (callbacks_.on_down) callbacks_.on_down(why);
  }

  void drain(std::vector<SharedFrame> frames) {
    const auto connection = connection_;
    if (!connection) return Counters::add(counters_->frames_dropped, frames.size());
    for (SharedFrame& frame : frames) connection->queue(std::move(frame), {});
    connection->flush();
  }

  void sweep() {
    if (const auto connection = connection_) connection->sweep(Clock::now());
    if (stopped_) return;
    sweeper_.start(sweep_period({config_.connect_timeout, config_.frame_timeout}),
                   [this] { sweep(); });
  }

  EventLoop& loop_;
  ClientConnectionConfig config_;
  ClientConnectionCallbacks callbacks_;
  TlsContext tls_;
  CountersPtr counters_;
  Dialer dialer_;
  std::shared_ptr<Connection> connection_;
  Clock::time_point opened_;
  std::shared_ptr<Outbox<SharedFrame>> outbox_;
  Timer sweeper_;
  bool stopped_ = false;
};

void ClientConnection::Impl::begin(tcp::socket socket) {
  connection_ = std::make_shared<Connection>(
      loop_, std::move(socket),
      std::make_unique<TlsSession>(tls_, TlsSession::Side::kDial, std::vector{config_.tls_key}),
      Connection::Limits{config_.frame, config_.queue_bytes_max, config_.write_bytes_max,
                         config_.connect_timeout, config_.frame_timeout},
      counters_);
  const auto weak = weak_from_this();
  const auto connection = connection_;
  connection->start({[weak] {
                       const auto self = weak.lock();
                       if (!self || self->stopped_) return;
                       self->opened_ = Clock::now();
                       if (self->callbacks_.on_up) self->callbacks_.on_up();
                     },
                     [weak](Frame frame) {
                       const auto self = weak.lock();
                       if (self && !self->stopped_) self->callbacks_.on_frame(std::move(frame));
                     },
                     [weak](const Closed& closed) {
                       const auto self = weak.lock();
                       if (self && !self->stopped_) self->closed(closed);
                     }});
}

void ClientConnection::Impl::closed(const Closed& closed) {
  connection_.reset();
  const bool lasted = closed.was_open && Clock::now() - opened_ > config_.reconnect_max;
  dialer_.closed(lasted);
  report_down(closed.why);
}

ClientConnection::ClientConnection(EventLoop& loop, ClientConnectionConfig config,
                                   ClientConnectionCallbacks callbacks)
    : impl_(std::make_shared<Impl>(loop, std::move(config), std::move(callbacks))) {
  impl_->prepare();
}

ClientConnection::~ClientConnection() { impl_->stop(); }

void ClientConnection::start() { impl_->start(); }
void ClientConnection::stop() { impl_->stop(); }
bool ClientConnection::up() const noexcept { return impl_->up(); }
void ClientConnection::send(SharedFrame frame) { impl_->push(std::move(frame)); }
void ClientConnection::refuse(Refusal reason) { impl_->refuse(reason); }
Stats ClientConnection::stats() const { return impl_->stats(); }

}  // namespace waggle::net
