#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "net/codec.hpp"
#include "net/event_loop.hpp"
#include "net/peer_transport.hpp"
#include "sim/adversary/author.hpp"
#include "smr/config/genesis.hpp"
#include "tests/integration/cluster.hpp"

namespace waggle::integration {

/// Holds the keys of one replica, which must not run, and speaks the wire protocol with the others
/// in its place: whatever the test says. Hears what they say, and does nothing about it.
class ByzantinePeer {
 public:
  ByzantinePeer(const Cluster& cluster, std::uint32_t self);
  ~ByzantinePeer();
  ByzantinePeer(const ByzantinePeer&) = delete;
  ByzantinePeer& operator=(const ByzantinePeer&) = delete;

  const ChainConfig& chain() const noexcept { return *genesis_.chain; }
  const Signer& signer() const noexcept { return *signer_; }
  const Hasher& hasher() const noexcept { return hasher_; }
  const sim::Author& author() const noexcept { return *author_; }
  ReplicaId self() const noexcept { return self_; }
  bool await_connected(ReplicaId to);

  // As it is: what is not signed stays so. Any thread.
  void send(ReplicaId to, const chained::Message& message);
  void send(ReplicaId to, const smr::HostMessage& message);
  void send(ReplicaId to, net::Frame frame);
  /// Signed with its key.
  void send_signed(ReplicaId to, chained::Message message);

  /// Where it leads: the QC that the votes of the others make, and what the block stands on.
  struct Turn {
    View view;
    chained::ChainedBlock parent;
    QcPtr qc;
    Forest history;  ///< Over all commands up to the parent's.
  };
  /// Waits until a quorum of others has voted for a block of the view before one of its own. Asks
  /// `source` for the blocks below.
  std::optional<Turn> await_turn(ReplicaId source, milliseconds timeout);
  /// The last block heard of.
  BlockPtr last_block();

 private:
  void hear(ReplicaId from, net::Frame frame);
  std::optional<Turn> turn();

  const ReplicaId self_;
  const crypto::Sha256Hasher hasher_;
  const crypto::Ed25519Verifier verifier_;
  config::Genesis genesis_;
  std::shared_ptr<const crypto::Ed25519Signer> signer_;
  const chained::PacemakerConfig pacemaker_;
  std::optional<sim::AdversarySetup> setup_;
  std::unique_ptr<sim::Author> author_;

  net::EventLoop loop_;
  std::unique_ptr<net::PeerTransport> transport_;
  std::thread thread_;

  std::mutex mutex_;  ///< Over what follows.
  std::set<ReplicaId> connected_;
  std::deque<std::pair<ReplicaId, chained::Message>> heard_;
  BlockPtr last_block_;
};

}  // namespace waggle::integration
