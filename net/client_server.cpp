#include "net/client_server.hpp"

#include <map>
#include <set>

#include "net/codec.hpp"
#include "net/connection.hpp"
#include "net/event_loop_impl.hpp"
#include "net/listener.hpp"
#include "net/outbox.hpp"
#include "net/sweep.hpp"

namespace waggle::net {

using asio::ip::tcp;

class ClientServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  struct Outgoing {
    ConnectionId to;
    SharedFrame frame;
  };

  Impl(EventLoop& loop, const TlsIdentity& identity, ClientServerConfig config,
       ClientServerCallbacks callbacks)
      : loop_(loop),
        config_(std::move(config)),
        callbacks_(std::move(callbacks)),
        tls_(TlsContext::Role::kClientServer, &identity),
        counters_(std::make_shared<Counters>()),
        sweeper_(loop) {}

  /// Needs a shared pointer to this, so it is not part of the constructor.
  void prepare() {
    outbox_ = std::make_shared<Outbox<Outgoing>>(
        loop_, kOutboxBytesMax, [weak = weak_from_this()](std::vector<Outgoing> items) {
          if (const auto self = weak.lock()) self->drain(std::move(items));
        });
  }
  Result<void, std::string> start();
  void stop();
  void push(Outgoing item) {
    const std::size_t size = item.frame->wire_size();
    if (!outbox_->push(std::move(item), size)) Counters::add(counters_->frames_dropped);
  }
  void refuse(ConnectionId from, Refusal reason);
  std::uint16_t port() const { return listener_ ? listener_->port() : std::uint16_t{0}; }
  Stats stats() const { return counters_->read(); }

 private:
  static constexpr std::size_t kOutboxBytesMax = 64 << 20;

  struct Link {
    std::shared_ptr<Connection> connection;
    AdmissionPtr admission;
  };

  void begin(tcp::socket socket, AdmissionPtr admission);
  void closed(ConnectionId id, const Closed& closed);
  void drain(std::vector<Outgoing> items);
  void sweep();
  void report(Refusal reason) {
    if (callbacks_.on_refused) callbacks_.on_refused(reason);
  }

  EventLoop& loop_;
  ClientServerConfig config_;
  ClientServerCallbacks callbacks_;
  TlsContext tls_;
  CountersPtr counters_;
  std::map<ConnectionId, Link> links_;
  std::uint64_t last_id_ = 0;
  std::unique_ptr<Listener> listener_;
  std::shared_ptr<Outbox<Outgoing>> outbox_;
  Timer sweeper_;
  bool stopped_ = false;
};

Result<void, std::string> ClientServer::Impl::start() {
  const ClientLimits& limits = config_.limits;
  listener_ = std::make_unique<Listener>(
      loop_,
      SourceGuard::Limits{limits.connections_max, limits.connections_source_max,
                          limits.failures_source_burst, limits.failure_source_refill},
      Listener::Events{[this](tcp::socket socket, AdmissionPtr admission) {
                         begin(std::move(socket), std::move(admission));
                       },
                       [this] {
                         counters_->refuse(Refusal::kThrottled);
                         report(Refusal::kThrottled);
                       }});
  if (auto opened = listener_->open(config_.listen); !opened) return opened;
  sweep();
  return {};
}

void ClientServer::Impl::stop() {
  if (std::exchange(stopped_, true)) return;
  sweeper_.cancel();
  if (listener_) listener_->close();
  for (auto& [id, link] : std::exchange(links_, {})) {
    link.connection->abandon();
    link.admission->release();
  }
}

void ClientServer::Impl::begin(tcp::socket socket, AdmissionPtr admission) {
  if (stopped_) return;
  const ClientLimits& limits = config_.limits;
  auto connection = std::make_shared<Connection>(
      loop_, std::move(socket),
      std::make_unique<TlsSession>(tls_, TlsSession::Side::kAccept, std::vector<PublicKey>{}),
      Connection::Limits{limits.frame, limits.queue_bytes_max, limits.write_bytes_max,
                         limits.handshake_timeout, limits.frame_timeout, limits.idle_timeout, true},
      counters_);
  const ConnectionId id{++last_id_};
  links_[id] = {connection, std::move(admission)};
  const auto weak = weak_from_this();
  connection->start({[] {},
                     [weak, id](Frame frame) {
                       const auto self = weak.lock();
                       if (self && !self->stopped_) self->callbacks_.on_frame(id, std::move(frame));
                     },
                     [weak, id](const Closed& closed) {
                       if (const auto self = weak.lock()) self->closed(id, closed);
                     }});
}

void ClientServer::Impl::closed(ConnectionId id, const Closed& closed) {
  if (stopped_) return;
  const auto node = links_.extract(id);
  if (node.empty()) return;
  if (closed.refusal || !closed.was_open) node.mapped().admission->failed();
  node.mapped().admission->release();
  if (closed.refusal) report(*closed.refusal);
  if (closed.was_open && callbacks_.on_closed) callbacks_.on_closed(id);
}

void ClientServer::Impl::refuse(ConnectionId from, Refusal reason) {
  counters_->refuse(reason);
  if (!closes_connection(reason)) return;
  loop_.post([weak = weak_from_this(), from] {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    const auto found = self->links_.find(from);
    if (found == self->links_.end()) return;
    found->second.admission->failed();
    const auto connection = found->second.connection;
    connection->close(std::nullopt, "sent what cannot be decoded");
  });
}

void ClientServer::Impl::drain(std::vector<Outgoing> items) {
  std::set<std::shared_ptr<Connection>> touched;
  for (Outgoing& item : items) {
    const auto found = links_.find(item.to);
    if (found == links_.end()) {
      Counters::add(counters_->frames_dropped);
      continue;
    }
    const auto connection = found->second.connection;
    touched.insert(connection);
    connection->queue(std::move(item.frame), {});
  }
  for (const auto& connection : touched) connection->flush();
}

void ClientServer::Impl::sweep() {
  const ClientLimits& limits = config_.limits;
  const auto now = Clock::now();
  for (const auto& connection : connections_of(links_)) connection->sweep(now);
  if (stopped_) return;
  listener_->sweep();
  sweeper_.start(
      sweep_period({limits.handshake_timeout, limits.frame_timeout, limits.idle_timeout}),
      [this] { sweep(); });
}

ClientServer::ClientServer(EventLoop& loop, TlsIdentity identity, ClientServerConfig config,
                           ClientServerCallbacks callbacks)
    : impl_(std::make_shared<Impl>(loop, identity, std::move(config), std::move(callbacks))) {
  impl_->prepare();
}

ClientServer::~ClientServer() { impl_->stop(); }

Result<void, std::string> ClientServer::start() { return impl_->start(); }
void ClientServer::stop() { impl_->stop(); }
std::uint16_t ClientServer::port() const noexcept { return impl_->port(); }

void ClientServer::send(ConnectionId to, SharedFrame frame) { impl_->push({to, std::move(frame)}); }

void ClientServer::refuse(ConnectionId from, Refusal reason) { impl_->refuse(from, reason); }
Stats ClientServer::stats() const { return impl_->stats(); }

}  // namespace waggle::net
