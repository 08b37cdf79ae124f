#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "consensus/core/block.hpp"
#include "consensus/core/ids.hpp"
#include "consensus/core/refusal.hpp"

/// A protocol is a function: input in, effects out. A core reaches no socket, disk, clock, key or
/// thread. The replica host performs its effects in order (docs/architecture.md).
namespace waggle {

/// Only validation makes verified messages, and the host for messages that it signed itself.
class VerificationPass {
 public:
  static VerificationPass for_validator() { return {}; }
  static VerificationPass for_own_messages() { return {}; }

 private:
  VerificationPass() = default;
};

/// A message that passed every stateless check, with the replica that vouches for it.
template <class M>
class Verified {
 public:
  Verified(M message, ReplicaId from, VerificationPass)
      : message_(std::move(message)), from_(from) {}
  const M& message() const noexcept { return message_; }
  ReplicaId from() const noexcept { return from_; }

 private:
  M message_;
  ReplicaId from_;
};

/// A timer that the core asked for has run out. Ids are the core's own, below 64.
struct TimerId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(TimerId, TimerId) = default;
};

// Inputs besides messages.
struct TimerFired {
  TimerId timer;
};
/// The mempool has something to propose.
struct CommandsReady {};
/// A connection to a peer came up (4.8).
struct PeerConnected {
  ReplicaId peer;
};
/// There is no connection to a peer any more, or there has been none for a while.
struct PeerDisconnected {
  ReplicaId peer;
};

template <class M>
using Input = std::variant<Verified<M>, TimerFired, CommandsReady, PeerConnected, PeerDisconnected>;

// Effects, performed in the order in which a core emits them.

/// A barrier: nothing behind it leaves the process before the record is durable.
template <class R>
struct Persist {
  R record;
};
/// The host signs the message as this replica and sends it. A message to oneself comes back as a
/// verified input.
template <class M>
struct Send {
  ReplicaId to;
  M message;
};
/// Send to everybody, ourselves included.
template <class M>
struct Broadcast {
  M message;
};
/// The block is final, and so is every block below it. Emitted in rising height, without gaps.
/// `certified_by` is the certified block whose QC names the committed one or a descendant (B2 of
/// the commit rule), `qc` certifies that block.
struct Commit {
  BlockPtr block;
  BlockPtr certified_by;
  QcPtr qc;
};
struct SetTimer {
  TimerId timer;
  Duration after;
};
struct CancelTimer {
  TimerId timer;
};
/// A message was refused by a rule that needs state; to be counted.
struct Refused {
  ReplicaId from;
  Refusal reason;
};
/// Two signed blocks of one view: proof that its leader is Byzantine. To be kept and exported.
struct Equivocation {
  BlockHeader first;
  Signature first_signature;
  BlockHeader second;
  Signature second_signature;
};
/// More than f replicas are Byzantine, or we have a bug: stop for good and show why.
struct Halt {
  std::string reason;
};

template <class M, class R>
using Effect = std::variant<Persist<R>, Send<M>, Broadcast<M>, Commit, SetTimer, CancelTimer,
                            Refused, Equivocation, Halt>;

/// Where a core gets the payload of its next proposal. The host's mempool in production.
/// Called only inside step(); pure with respect to the core.
class PayloadSource {
 public:
  virtual ~PayloadSource() = default;
  /// True when there is nothing to propose at all (4.9).
  virtual bool empty() const noexcept = 0;
  /// The oldest requests that fit into one payload, without those that `in_flight` already holds
  /// (payloads of the uncommitted ancestors of the block to be).
  virtual PayloadPtr build(const std::vector<PayloadPtr>& in_flight) = 0;
};

/// What the replica host and the simulator ask of a protocol.
template <class P>
concept ProtocolCore = requires(P core, const P seen, typename P::Recovered recovered,
                                typename P::InputType input, typename P::Effects& out) {
  { core.start(recovered, out) } noexcept;
  { core.step(input, out) } noexcept;
  { seen.check_invariants() } noexcept;
  { seen.state_digest() } noexcept -> std::same_as<Digest>;
};

}  // namespace waggle
