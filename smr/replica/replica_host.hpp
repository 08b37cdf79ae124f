#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "smr/replica/client_desk.hpp"
#include "smr/replica/environment.hpp"

namespace waggle::smr {

/// A replica around its core, as its environment sees it whatever the core is. What the peers'
/// cores say comes in by on_message() of the host at hand, which knows its core's messages.
///
/// Deterministic: sees no clock, thread or global randomness. Not thread-safe; every call comes
/// from the host's thread.
class ReplicaHost {
 public:
  virtual ~ReplicaHost() = default;

  /// To be called once, before anything else.
  virtual void start() = 0;

  // What the environment reports.
  virtual void on_report(ReplicaId from, const StateReport& report) = 0;
  virtual void on_peer_connected(ReplicaId peer) = 0;
  virtual void on_peer_disconnected(ReplicaId peer) = 0;
  virtual void on_timer(TimerId timer) = 0;
  /// From a client, or (no connection) forwarded by a replica.
  virtual void on_request(std::optional<ClientConnection> from, VerifiedRequest request) = 0;
  /// A request of `size` bytes that did not pass check_request, or of which only the beginning is
  /// here because it is too large.
  virtual void on_refused_request(ClientConnection from, ByteView head, std::uint64_t size,
                                  Refusal reason) = 0;
  virtual void on_session_query(ClientConnection from, const SessionQuery& query) = 0;
  virtual void on_proof_query(ClientConnection from, const ProofQuery& query) = 0;
  virtual void on_connection_closed(ClientConnection connection) = 0;

  virtual const HostCounters& counters() const noexcept = 0;
  /// All but the fields that only a process knows: version, time, disk, and with them the findings.
  virtual Status status() const = 0;
  /// Why it does not commit, or what it does instead, the most important first; never none.
  /// `disk_free`: bytes where the data directory lies, if that is known.
  virtual std::vector<Finding> findings(std::optional<std::uint64_t> disk_free) const = 0;
  /// All that findings() may say.
  virtual std::span<const Sentence> sentences() const = 0;
};

}  // namespace waggle::smr
