#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/tls_identity.hpp"

/// TLS 1.3 without sockets: ciphertext in, ciphertext out, through memory of ours. That lets a
/// connection encrypt many frames into one write, decrypt straight to where the bytes belong, and
/// hold no buffers while idle.
namespace waggle::net {

/// The settings that the sessions of one listener or dialler share. TLS 1.3 only, Ed25519 only,
/// no resumption, no tickets, no early data.
class TlsContext {
 public:
  enum class Role {
    kPeer,          ///< Both sides prove a key; accepts and dials.
    kClientServer,  ///< Accepts; only we prove a key.
    kClient,        ///< Dials; only the other side proves a key.
  };
  /// `identity` is needed by all but kClient. Aborts when OpenSSL cannot do what is fixed here.
  TlsContext(Role role, const TlsIdentity* identity);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsSession;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One side of one connection. Not thread-safe.
class TlsSession {
 public:
  enum class Side { kAccept, kDial };
  enum class Status {
    kOk,
    kWantRead,  ///< All input is used up.
    kClosed,    ///< The other side said goodbye.
    kFailed,    ///< For good; see failure().
  };
  enum class Failure {
    kNone,
    kProtocol,    ///< What arrived is not TLS 1.3 as we speak it.
    kUnknownKey,  ///< The other side has none of the pinned keys.
    kAlert,       ///< The other side gave up, and said so: it may not like our key.
  };

  /// `pins`: the keys one of which the other side must prove; ignored for kClientServer.
  TlsSession(const TlsContext& context, Side side, std::vector<PublicKey> pins);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Ciphertext that arrived. The bytes stay valid until handshake() or read() wants more.
  void feed(ByteView input) noexcept;
  Status handshake();
  struct Read {
    Status status;
    std::size_t size;
  };
  /// Decrypts to `into`, which is not empty; at least one byte when kOk.
  Read read(std::span<std::uint8_t> into);
  /// Encrypts all of `plain` and appends it to output(). False when the session has failed.
  bool write(ByteView plain);
  /// Appends the goodbye to output().
  void shutdown();

  /// Ciphertext to be sent; whoever sends it empties it.
  Bytes& output() noexcept;
  /// A record has begun to arrive and is not complete.
  bool has_partial_input() const noexcept;
  /// The key that the other side has proven; none before, and none of a client.
  const std::optional<PublicKey>& peer_key() const noexcept;
  Failure failure() const noexcept;
  std::string failure_text() const;

  struct Impl;  ///< OpenSSL's state; seen only where it is defined.

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace waggle::net
