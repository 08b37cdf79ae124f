#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/endpoint.hpp"
#include "net/event_loop.hpp"
#include "net/frame.hpp"
#include "net/stats.hpp"

namespace waggle::net {

struct ClientConnectionConfig {
  Endpoint endpoint;
  PublicKey tls_key;  ///< The replica proves that it holds this key, or is not talked to.
  FrameLimits frame{
      .header_bytes_max = 64 << 10, .payload_bytes_max = 32 << 20, .segments_max = 64};
  std::size_t queue_bytes_max = 32 << 20;   ///< Unsent; further frames are dropped and counted.
  std::size_t write_bytes_max = 256 << 10;  ///< Gathered into one write.
  Duration connect_timeout{5'000'000};      ///< From dialling to the end of TLS.
  Duration frame_timeout{20'000'000};       ///< From the first to the last byte of a frame.
  Duration reconnect_min{50'000};           ///< First wait before dialling again; doubles ...
  Duration reconnect_max{2'000'000};        ///< ... up to this; each wait jittered by half.
};

/// All are called on the loop's thread and may call the connection, but must not destroy it.
struct ClientConnectionCallbacks {
  std::function<void(Frame frame)> on_frame;
  std::function<void()> on_up;
  /// The connection was lost, or could not be made; says why. Dialling goes on.
  std::function<void(const std::string& why)> on_down;
};

/// A client's connection to one replica, over TLS 1.3 with the replica's key pinned. Dials until it
/// is up and again when it is lost. Frames arrive in order or not at all; what was queued when the
/// connection broke, and what is sent while it is down, is lost.
///
/// Threads: everything happens on the loop's thread; only what is marked so is for any thread.
class ClientConnection {
 public:
  ClientConnection(EventLoop& loop, ClientConnectionConfig config,
                   ClientConnectionCallbacks callbacks);
  /// On the loop's thread, or when the loop is not running. Calls no callback.
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  void start();
  /// Closes; on_down is not called.
  void stop();
  bool up() const noexcept;

  /// Queues a frame; never blocks. Any thread.
  void send(SharedFrame frame);
  /// The caller refused what the replica sent: counts it, and closes and dials again if
  /// closes_connection(reason). Any thread.
  void refuse(Refusal reason);

  Stats stats() const;  ///< Any thread.

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace waggle::net
