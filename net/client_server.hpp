#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/endpoint.hpp"
#include "net/event_loop.hpp"
#include "net/frame.hpp"
#include "net/stats.hpp"
#include "net/tls_identity.hpp"

namespace waggle::net {

/// One connection of a client; never used twice by a server.
struct ConnectionId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(ConnectionId, ConnectionId) = default;
};

struct ClientLimits {
  FrameLimits frame{.header_bytes_max = 16 << 10, .payload_bytes_max = 1 << 20, .segments_max = 16};
  std::size_t queue_bytes_max = 8 << 20;    ///< Unread answers of one client; then it is cut off.
  std::size_t write_bytes_max = 256 << 10;  ///< Gathered into one write.
  std::uint32_t connections_max = 1024;
  std::uint32_t connections_source_max = 256;  ///< Of one source address.
  std::uint32_t failures_source_burst = 64;    ///< Failed connections of a source address at once,
  Duration failure_source_refill{250'000};     ///< and the time after which it may fail once more.
  Duration handshake_timeout{5'000'000};
  Duration frame_timeout{20'000'000};  ///< From the first to the last byte of a frame.
  Duration idle_timeout{600'000'000};  ///< Without a frame in either direction.
};

struct ClientServerConfig {
  Endpoint listen;
  ClientLimits limits;
};

/// All are called on the loop's thread and may call the server, but must not destroy it.
struct ClientServerCallbacks {
  std::function<void(ConnectionId from, Frame frame)> on_frame;
  std::function<void(ConnectionId from)> on_closed;
  std::function<void(Refusal reason)> on_refused;  ///< Refused and counted by the server itself.
};

/// The port for clients: TLS 1.3, the replica proves its key, the client proves nothing (its
/// requests are signed). A client that sends what is no frame, trickles, idles or does not read
/// its answers is cut off; nothing that clients do makes the server hold more than the limits say.
///
/// Threads: everything happens on the loop's thread; only what is marked so is for any thread.
class ClientServer {
 public:
  ClientServer(EventLoop& loop, TlsIdentity identity, ClientServerConfig config,
               ClientServerCallbacks callbacks);
  /// On the loop's thread, or when the loop is not running. Calls no callback.
  ~ClientServer();
  ClientServer(const ClientServer&) = delete;
  ClientServer& operator=(const ClientServer&) = delete;

  /// Fails with the reason when the address cannot be had.
  Result<void, std::string> start();
  /// Closes everything; on_closed is not called.
  void stop();
  /// The port that start() listens on.
  std::uint16_t port() const noexcept;

  /// Queues a frame; never blocks; nothing happens if the connection is gone. Any thread.
  void send(ConnectionId to, SharedFrame frame);
  /// The caller refused something that `from` sent: counts it, and closes the connection if
  /// closes_connection(reason). Any thread.
  void refuse(ConnectionId from, Refusal reason);

  Stats stats() const;  ///< Any thread.

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace waggle::net
