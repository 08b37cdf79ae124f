#include "net/peer_transport.hpp"

#include <algorithm>
#include <map>

#include "consensus/core/ensure.hpp"
#include "net/codec.hpp"
#include "net/connection.hpp"
#include "net/dialer.hpp"
#include "net/event_loop_impl.hpp"
#include "net/listener.hpp"
#include "net/outbox.hpp"
#include "net/sweep.hpp"

namespace waggle::net {

using asio::ip::tcp;

class PeerTransport::Impl : public std::enable_shared_from_this<Impl> {
 public:
  struct Outgoing {
    std::optional<ReplicaId> to;  // nothing: everybody
    SharedFrame frame;
    Delivery delivery;
  };

  Impl(EventLoop& loop, const TlsIdentity& identity, PeerConfig config, PeerCallbacks callbacks)
      : loop_(loop),
        config_(std::move(config)),
        callbacks_(std::move(callbacks)),
        tls_(TlsContext::Role::kPeer, &identity),
        counters_(std::make_shared<Counters>()),
        sweeper_(loop) {
    for (PeerAddress& peer : config_.peers) {
      if (peer.id == config_.self) continue;
      keys_.push_back(peer.tls_key);
      peers_[peer.id].address = std::move(peer);
    }
  }

  /// Needs a shared pointer to this, so it is not part of the constructor.
  void prepare() {
    outbox_ =
        std::make_shared<Outbox<Outgoing>>(loop_, config_.limits.queue_bytes_max,
                                           [weak = weak_from_this()](std::vector<Outgoing> items) {
                                             if (const auto self = weak.lock())
                                               self->drain(std::move(items));
                                           });
  }
  Result<void, std::string> start();
  void stop();

  void push(std::optional<ReplicaId> to, SharedFrame frame, Delivery delivery) {
    const std::size_t size = frame->wire_size();
    if (outbox_->push({to, std::move(frame), delivery}, size)) return;
    Counters::add(counters_->frames_dropped);
  }
  void refuse(ReplicaId from, Refusal reason);
  bool connected(ReplicaId id) const {
    const auto found = peers_.find(id);
    return found != peers_.end() && found->second.link;
  }

  std::uint16_t port() const { return listener_ ? listener_->port() : std::uint16_t{0}; }
  Stats stats() const { return counters_->read(); }
  void set_endpoint(ReplicaId id, Endpoint endpoint);
  const auto& peers() const { return peers_; }

 private:
  using LinkId = std::uint64_t;
  /// A connection, from the first byte of its handshake on.
  struct Link {
    std::shared_ptr<Connection> connection;
    std::optional<ReplicaId> dialled;  // whom we expect, if we dialled
    AdmissionPtr admission;            // if we accepted
    std::optional<ReplicaId> peer;     // once it is the peer's current link
    Clock::time_point opened;
  };
  struct Peer {
    PeerAddress address;
    std::unique_ptr<Dialer> dialer;  // of peers with lower ids
    std::optional<LinkId> link;
    Duration penalty{0};
    Clock::time_point banned_until;
  };
  void make_dialers();
  void begin(tcp::socket socket, std::optional<ReplicaId> dialled, AdmissionPtr admission);
  void opened(LinkId id);
  void closed(LinkId id, const Closed& closed);
  void replace(ReplicaId id, Peer& peer);
  void punish(Peer& peer);
  void drain(std::vector<Outgoing> items);
  void sweep();
  bool lasted(const Link& link) const {
    return Clock::now() - link.opened > config_.limits.reconnect_max;
  }
  Connection* connection_of(const Peer& peer) {
    return peer.link ? links_.at(*peer.link).connection.get() : nullptr;
  }
  void report(std::optional<ReplicaId> from, Refusal reason) {
    if (callbacks_.on_refused) callbacks_.on_refused(from, reason);
  }

  EventLoop& loop_;
  PeerConfig config_;
  PeerCallbacks callbacks_;
  TlsContext tls_;
  CountersPtr counters_;
  std::vector<PublicKey> keys_;
  std::map<ReplicaId, Peer> peers_;
  std::map<LinkId, Link> links_;
  LinkId last_link_ = 0;
  std::unique_ptr<Listener> listener_;
  std::shared_ptr<Outbox<Outgoing>> outbox_;
  Timer sweeper_;
  bool stopped_ = false;
};

Result<void, std::string> PeerTransport::Impl::start() {
  const PeerLimits& limits = config_.limits;
  listener_ = std::make_unique<Listener>(
      loop_,
      SourceGuard::Limits{limits.handshakes_max, limits.handshakes_source_max,
                          limits.failures_source_burst, limits.failure_source_refill},
      Listener::Events{[this](tcp::socket socket, AdmissionPtr admission) {
                         begin(std::move(socket), std::nullopt, std::move(admission));
                       },
                       [this] {
                         counters_->refuse(Refusal::kThrottled);
                         report(std::nullopt, Refusal::kThrottled);
                       }});
  if (auto opened = listener_->open(config_.listen); !opened) return opened;
  make_dialers();
  sweep();
  return {};
}

void PeerTransport::Impl::make_dialers() {
  const PeerLimits& limits = config_.limits;
  for (auto& [id, peer] : peers_) {
    if (id > config_.self) continue;
    peer.dialer = std::make_unique<Dialer>(
        loop_,
        Dialer::Config{peer.address.endpoint, limits.handshake_timeout, limits.reconnect_min,
                       limits.reconnect_max},
        Dialer::Events{
            [this, to = id](tcp::socket socket) { begin(std::move(socket), to, nullptr); },
            [](const std::string&) {}});
    peer.dialer->start();
  }
}

void PeerTransport::Impl::stop() {
  if (std::exchange(stopped_, true)) return;
  sweeper_.cancel();
  if (listener_) listener_->close();
  for (auto& [id, peer] : peers_) {
    if (peer.dialer) peer.dialer->stop();
    peer.link.reset();
  }
  for (auto& [id, link] : std::exchange(links_, {})) link.connection->abandon();
}

void PeerTransport::Impl::begin(tcp::socket socket, std::optional<ReplicaId> dialled,
                                AdmissionPtr admission) {
  if (stopped_) return;
  const PeerLimits& limits = config_.limits;
  auto tls = dialled
                 ? std::make_unique<TlsSession>(tls_, TlsSession::Side::kDial,
                                                std::vector{peers_.at(*dialled).address.tls_key})
                 : std::make_unique<TlsSession>(tls_, TlsSession::Side::kAccept, keys_);
  auto connection = std::make_shared<Connection>(
      loop_, std::move(socket), std::move(tls),
      Connection::Limits{limits.frame, limits.queue_bytes_max, limits.write_bytes_max,
                         limits.handshake_timeout, limits.frame_timeout},
      counters_);
  const LinkId id = ++last_link_;
  links_[id] = {connection, dialled, std::move(admission), {}, {}};
  const auto weak = weak_from_this();
  connection->start({[weak, id] {
                       if (const auto self = weak.lock()) self->opened(id);
                     },
                     [weak, id](Frame frame) {
                       const auto self = weak.lock();
                       if (!self || self->stopped_) return;
                       const Link& link = self->links_.at(id);
                       self->callbacks_.on_frame(*link.peer, std::move(frame));
                     },
                     [weak, id](const Closed& closed) {
                       if (const auto self = weak.lock()) self->closed(id, closed);
                     }});
}

void PeerTransport::Impl::opened(LinkId id) {
  Link& link = links_.at(id);
  if (link.admission) link.admission->release();  // from here on the peer answers for itself
  const PublicKey& key = link.connection->tls().peer_key().value();
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&key](const auto& item) {
    return item.second.address.tls_key == key;
  });
  ENSURE(found != peers_.end(), "the handshake let a key in that is not pinned");
  auto& [who, peer] = *found;
  link.opened = Clock::now();
  // Only the side that shall dial is let in; two links would take each other's place for ever.
  if (!link.dialled && who < config_.self) {
    return link.connection->close(Refusal::kUnsolicited, "the wrong side has dialled");
  }
  if (link.opened < peer.banned_until) {
    return link.connection->close(Refusal::kThrottled, "not yet forgiven");
  }
  if (peer.link) replace(who, peer);
  if (stopped_ || !link.connection->open()) return;
  peer.link = id;
  link.peer = who;
  if (callbacks_.on_connected) callbacks_.on_connected(who);
}

/// A peer that dials anew has given its former connection up, whatever it looks like from here.
void PeerTransport::Impl::replace(ReplicaId id, Peer& peer) {
  const auto old = links_.extract(*peer.link);
  peer.link.reset();
  if (old.mapped().admission && !lasted(old.mapped())) old.mapped().admission->failed();
  old.mapped().connection->abandon();
  if (callbacks_.on_disconnected) callbacks_.on_disconnected(id);
}

void PeerTransport::Impl::closed(LinkId id, const Closed& closed) {
  if (stopped_) return;
  const auto node = links_.extract(id);
  if (node.empty()) return;
  const Link& link = node.mapped();
  const bool good = closed.was_open && lasted(link);
  if (link.admission) {
    if (!good) link.admission->failed();
    link.admission->release();
  }
  if (link.peer) {
    Peer& peer = peers_.at(*link.peer);
    peer.link.reset();
    if (closed.refusal) punish(peer);
  }
  if (link.dialled) {
    Peer& peer = peers_.at(*link.dialled);
    const auto banned = peer.banned_until - Clock::now();
    peer.dialer->closed(good, std::chrono::duration_cast<Duration>(banned));
  }
  if (closed.refusal) report(link.peer, *closed.refusal);
  if (link.peer && callbacks_.on_disconnected) callbacks_.on_disconnected(*link.peer);
}

void PeerTransport::Impl::punish(Peer& peer) {
  const PeerLimits& limits = config_.limits;
  const auto now = Clock::now();
  // Good behaviour for as long as the longest penalty is forgiveness.
  if (now - peer.banned_until > limits.penalty_max) peer.penalty = Duration{0};
  peer.penalty = std::clamp(peer.penalty * 2, limits.penalty_min, limits.penalty_max);
  peer.banned_until = now + peer.penalty;
}

void PeerTransport::Impl::refuse(ReplicaId from, Refusal reason) {
  counters_->refuse(reason);
  if (!closes_connection(reason)) return;
  loop_.post([weak = weak_from_this(), from] {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    const auto found = self->peers_.find(from);
    if (found == self->peers_.end() || !found->second.link) return;
    self->punish(found->second);
    const auto connection = self->links_.at(*found->second.link).connection;
    connection->close(std::nullopt, "sent what cannot be decoded");
  });
}

void PeerTransport::Impl::drain(std::vector<Outgoing> items) {
  if (stopped_) return;
  const auto queue = [this](const Peer& peer, const Outgoing& item) {
    if (Connection* const connection = connection_of(peer)) {
      connection->queue(item.frame, item.delivery);
    } else {
      Counters::add(counters_->frames_dropped);
    }
  };
  for (const Outgoing& item : items) {
    if (!item.to) {
      for (const auto& [id, peer] : peers_) queue(peer, item);
    } else if (const auto found = peers_.find(*item.to); found != peers_.end()) {
      queue(found->second, item);
    }
  }
  for (const auto& connection : connections_of(links_)) connection->flush();
}

void PeerTransport::Impl::sweep() {
  const PeerLimits& limits = config_.limits;
  const auto now = Clock::now();
  for (const auto& connection : connections_of(links_)) connection->sweep(now);
  if (stopped_) return;
  listener_->sweep();
  sweeper_.start(sweep_period({limits.handshake_timeout, limits.frame_timeout}),
                 [this] { sweep(); });
}

void PeerTransport::Impl::set_endpoint(ReplicaId id, Endpoint endpoint) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  if (found->second.dialer) found->second.dialer->set_endpoint(endpoint);
  found->second.address.endpoint = std::move(endpoint);
}

PeerTransport::PeerTransport(EventLoop& loop, TlsIdentity identity, PeerConfig config,
                             PeerCallbacks callbacks)
    : impl_(std::make_shared<Impl>(loop, identity, std::move(config), std::move(callbacks))) {
  impl_->prepare();
}

PeerTransport::~PeerTransport() { impl_->stop(); }

Result<void, std::string> PeerTransport::start() { return impl_->start(); }
void PeerTransport::stop() { impl_->stop(); }
std::uint16_t PeerTransport::port() const noexcept { return impl_->port(); }

void PeerTransport::set_endpoint(ReplicaId peer, Endpoint endpoint) {
  impl_->set_endpoint(peer, std::move(endpoint));
}

void PeerTransport::send(ReplicaId to, SharedFrame frame, Delivery delivery) {
  impl_->push(to, std::move(frame), delivery);
}

void PeerTransport::broadcast(const SharedFrame& frame, Delivery delivery) {
  impl_->push(std::nullopt, frame, delivery);
}

void PeerTransport::refuse(ReplicaId from, Refusal reason) { impl_->refuse(from, reason); }
bool PeerTransport::connected(ReplicaId peer) const { return impl_->connected(peer); }

std::vector<ReplicaId> PeerTransport::connected_peers() const {
  std::vector<ReplicaId> ids;
  for (const auto& [id, peer] : impl_->peers()) {
    if (peer.link) ids.push_back(id);
  }
  return ids;
}

Stats PeerTransport::stats() const { return impl_->stats(); }

}  // namespace waggle::net
