#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/endpoint.hpp"
#include "net/event_loop.hpp"
#include "net/frame.hpp"
#include "net/stats.hpp"
#include "net/tls_identity.hpp"

namespace waggle::net {

/// Another replica: where it listens and the TLS key that it must prove to hold.
struct PeerAddress {
  ReplicaId id;
  Endpoint endpoint;
  PublicKey tls_key;
};

struct PeerLimits {
  FrameLimits frame;
  std::size_t queue_bytes_max = 32 << 20;     ///< Waiting for one peer.
  std::size_t write_bytes_max = 256 << 10;    ///< Gathered into one write.
  std::uint32_t handshakes_max = 128;         ///< Accepted connections in their handshake ...
  std::uint32_t handshakes_source_max = 32;   ///< ... and of one source address.
  std::uint32_t failures_source_burst = 128;  ///< Failed connections of a source address at once,
  Duration failure_source_refill{100'000};    ///< and the time after which it may fail once more.
  Duration handshake_timeout{5'000'000};      ///< From connect or accept to the end of TLS.
  Duration frame_timeout{20'000'000};         ///< From the first to the last byte of a frame.
  Duration reconnect_min{50'000};             ///< First wait before dialling again; doubles ...
  Duration reconnect_max{1'000'000};          ///< ... up to this; each wait jittered by half.
  Duration penalty_min{500'000};              ///< A peer that was cut off for garbage may come
  Duration penalty_max{30'000'000};           ///< back after this long; doubles every time.
};

struct PeerConfig {
  ReplicaId self;
  Endpoint listen;
  std::vector<PeerAddress> peers;  ///< An entry for `self` is ignored.
  PeerLimits limits;
};

/// All are called on the loop's thread and may call the transport, but must not destroy it.
struct PeerCallbacks {
  std::function<void(ReplicaId from, Frame frame)> on_frame;
  std::function<void(ReplicaId peer)> on_connected;
  std::function<void(ReplicaId peer)> on_disconnected;
  /// Something was refused and counted; no id before a peer has proven who it is.
  std::function<void(std::optional<ReplicaId> from, Refusal reason)> on_refused;
};

/// Authenticated, encrypted, ordered connections to all other replicas: one per pair, dialled by
/// the replica with the higher id, over TLS 1.3 with both keys pinned. When a peer dials anew (it
/// restarted, or its network did), its new connection takes the place of the old one.
///
/// Frames to one peer arrive in order or not at all; a frame sent while the peer is away, or
/// squeezed out of a full queue, is lost and counted. on_connected tells the caller when to
/// send again what still matters.
///
/// Bytes that are no frame, an unknown version, an oversized or trickling frame end the connection;
/// the peer is let in again after a penalty. A source address whose connections keep failing, or
/// ending as soon as they are up, is turned away without a handshake until it has waited.
///
/// TLS 1.3 lets the dialling side finish first: if the other side refuses its key, it sees
/// on_connected and then on_disconnected.
///
/// Threads: everything happens on the loop's thread; only what is marked so is for any thread.
class PeerTransport {
 public:
  PeerTransport(EventLoop& loop, TlsIdentity identity, PeerConfig config, PeerCallbacks callbacks);
  /// On the loop's thread, or when the loop is not running. Calls no callback.
  ~PeerTransport();
  PeerTransport(const PeerTransport&) = delete;
  PeerTransport& operator=(const PeerTransport&) = delete;

  /// Listens and begins to dial. Fails with the reason when the address cannot be had.
  Result<void, std::string> start();
  /// Closes everything; on_disconnected is not called.
  void stop();
  /// The port that start() listens on.
  std::uint16_t port() const noexcept;
  /// Takes effect when the peer is dialled the next time.
  void set_endpoint(ReplicaId peer, Endpoint endpoint);

  /// Queues a frame; never blocks. Any thread. Frames queued in one go leave in one write.
  void send(ReplicaId to, SharedFrame frame, Delivery delivery);
  /// To all peers, not to ourselves. Any thread.
  void broadcast(const SharedFrame& frame, Delivery delivery);

  /// The caller refused something that `from` sent: counts it, and cuts the peer off if
  /// closes_connection(reason). Any thread.
  void refuse(ReplicaId from, Refusal reason);

  bool connected(ReplicaId peer) const;
  std::vector<ReplicaId> connected_peers() const;  ///< In rising order.
  Stats stats() const;                             ///< Any thread.

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace waggle::net
