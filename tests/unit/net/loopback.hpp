#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/client_connection.hpp"
#include "net/client_server.hpp"
#include "net/peer_transport.hpp"
#include "net/tls_session.hpp"

/// Real sockets and real TLS on 127.0.0.1, with both ends on the test's own thread.
namespace waggle::net {

TlsIdentity test_identity(std::uint32_t number);

/// A frame with this text as header of an unknown kind, and segments of these sizes.
Frame text_frame(const std::string& text, std::vector<std::size_t> segments = {});
std::string text_of(const Frame& frame);

/// Serves the loop until the condition holds; looks every millisecond, gives up after 5 s.
[[nodiscard]] bool await(EventLoop& loop, const std::function<bool()>& condition);
/// Serves the loop for a while, to see that something does not happen.
void serve(EventLoop& loop, Duration time);

/// Limits that let tests finish soon.
PeerLimits quick_limits();

/// One replica's transport with all that it has reported.
struct Node {
  Node(EventLoop& loop, std::uint32_t self, std::uint32_t n, PeerLimits limits = quick_limits(),
       std::uint16_t port = 0, std::uint32_t key_number = ~0u);

  void know(const Node& other) { transport.set_endpoint(other.id, {"127.0.0.1", other.port()}); }
  std::uint16_t port() const { return transport.port(); }
  void say(std::uint32_t to, const std::string& text, std::vector<std::size_t> segments = {}) {
    transport.send(ReplicaId{to}, share(text_frame(text, std::move(segments))), {});
  }
  bool heard(std::uint32_t from, const std::string& text) const;
  bool up(std::uint32_t peer) const { return transport.connected(ReplicaId{peer}); }
  std::uint64_t refusals(Refusal reason) const { return transport.stats().refusals(reason); }

  ReplicaId id;
  std::map<ReplicaId, std::vector<Frame>> frames;
  std::vector<std::string> events;  ///< "+1": peer 1 came up, "-1": it went down.
  std::vector<std::pair<std::optional<ReplicaId>, Refusal>> refused;
  PeerTransport transport;
};

/// Starts the nodes and tells each of them where the others are.
void connect_all(std::vector<Node*> nodes);

/// A plain TCP connection that says what it likes. Never blocks.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  void write(ByteView bytes);
  /// What has arrived since.
  Bytes read();
  /// The other side has closed; found out by read().
  bool closed() const noexcept { return closed_; }
  bool reads_end() { return read(), closed_; }

 private:
  int fd_;
  bool closed_ = false;
};

/// A raw socket with proper TLS on it: somebody who holds a key, and misbehaves.
class RawTls {
 public:
  /// `identity` null: proves nothing.
  RawTls(std::uint16_t port, const TlsIdentity* identity, const PublicKey& pin);

  /// Moves bytes both ways; true when the handshake is done. Call until it is.
  bool pump();
  void write(ByteView plain);
  /// Ends TLS properly, the connection stays open.
  void say_goodbye();
  bool reads_end();

 private:
  TlsContext context_;
  TlsSession session_;
  RawSocket socket_;
  bool done_ = false;
};

}  // namespace waggle::net
