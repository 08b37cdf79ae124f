#pragma once

#include <deque>
#include <functional>
#include <map>
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
  bool await_disconnected(ReplicaId from);

  // As it is: what is not signed stays so. Any thread.
  void send(ReplicaId to, const chained::Message& message);
  void send(ReplicaId to, const smr::HostMessage& message);
  void send(ReplicaId to, net::Frame frame);
  /// Signed with its key.
  void send_signed(ReplicaId to, chained::Message message);

  /// A payload of one command of a client that nobody knows, in a request with its signature or
  /// without.
  PayloadPtr payload(bool is_signed) const;

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

  /// Where it leads after a view that a quorum gave up, itself among them.
  struct FailedTurn {
    View view;
    std::vector<Timeout> timeouts;  ///< Of all others that a quorum needs, in the view before.
    chained::ChainedBlock below;    ///< The parent of `parent`.
    chained::ChainedBlock parent;   ///< Of maximal rank among their tips.
    Forest history;                 ///< Over all commands up to the parent's.
  };
  /// Gives up every view that all but one of the others give up, without ever voting, until the
  /// next view is its own, above `after`, and `wanted` of the parent that the tips name.
  std::optional<FailedTurn> await_failed_turn(
      ReplicaId source, View after, milliseconds timeout,
      const std::function<bool(const chained::ChainedBlock& parent)>& wanted);
  /// The last block heard of.
  BlockPtr last_block();

 private:
  void hear(ReplicaId from, net::Frame frame);
  std::optional<Turn> turn();
  void forget();
  Height height_of(const Digest& block);
  /// The `count` highest blocks of the branch of `block`, in rising height; none without answer.
  std::vector<chained::ChainedBlock> fetch(ReplicaId source, const Digest& block, Height height,
                                           std::uint32_t count, milliseconds timeout);
  /// Of the highest view that enough others gave up.
  std::vector<Timeout> timeouts_of_others();

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
  std::map<Digest, Height> heights_;  ///< Of all blocks that were proposed to it.
};

}  // namespace waggle::integration
