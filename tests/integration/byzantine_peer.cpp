#include "tests/integration/byzantine_peer.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "crypto/key_file.hpp"
#include "smr/config/cluster.hpp"

namespace waggle::integration {

using namespace chained;

namespace {

constexpr std::size_t kHeardMax = 4096;

template <class T, class E>
T must(Result<T, E> result, const std::string& what) {
  if (!result) throw std::runtime_error(what);
  return std::move(*result);
}

}  // namespace

ByzantinePeer::ByzantinePeer(const Cluster& cluster, std::uint32_t self) : self_{self} {
  const auto file = [&](const char* name) { return (cluster.folder() / name).string(); };
  genesis_ = must(config::load_genesis(file("genesis.toml"), hasher_), "genesis");
  const config::Cluster members =
      must(config::load_cluster(file("cluster.toml"), chain(), verifier_), "cluster");
  signer_ = std::make_shared<const crypto::Ed25519Signer>(
      must(crypto::read_key_file(cluster.home(self) / "consensus.key", crypto::KeyKind::kConsensus),
           "consensus key"));
  const crypto::KeyPair tls =
      must(crypto::read_key_file(cluster.home(self) / "tls.key", crypto::KeyKind::kTls), "TLS key");
  setup_.emplace(
      sim::AdversarySetup{self_, chain(), hasher_, *signer_, pacemaker_, sim::Random(self)});
  author_ = std::make_unique<sim::Author>(*setup_);

  net::PeerConfig config;
  config.self = self_;
  config.listen = {"127.0.0.1", cluster.ports().peer(self)};
  config.limits.frame.header_bytes_max = 4 << 20;
  for (const config::ClusterMember& member : members.members) {
    config.peers.push_back(
        {member.id, {member.peer_address.host, member.peer_address.port}, member.tls_key});
  }
  net::PeerCallbacks callbacks;
  callbacks.on_frame = [this](ReplicaId from, net::Frame frame) { hear(from, std::move(frame)); };
  callbacks.on_connected = [this](ReplicaId peer) {
    const std::lock_guard lock(mutex_);
    connected_.insert(peer);
  };
  callbacks.on_disconnected = [this](ReplicaId peer) {
    const std::lock_guard lock(mutex_);
    connected_.erase(peer);
  };
  transport_ = std::make_unique<net::PeerTransport>(
      loop_, must(net::TlsIdentity::from_seed(tls.seed()), "TLS identity"), std::move(config),
      std::move(callbacks));
  if (auto started = transport_->start(); !started) throw std::runtime_error(started.error());
  thread_ = std::thread([this] { loop_.run(); });
}

ByzantinePeer::~ByzantinePeer() {
  loop_.stop();
  thread_.join();
}

bool ByzantinePeer::await_connected(ReplicaId to) {
  return Cluster::await(seconds(20), [&] {
    const std::lock_guard lock(mutex_);
    return connected_.contains(to);
  });
}

void ByzantinePeer::send(ReplicaId to, const Message& message) {
  send(to, net::encode_peer(message));
}

void ByzantinePeer::send(ReplicaId to, const smr::HostMessage& message) {
  send(to, net::encode_peer(message));
}

void ByzantinePeer::send(ReplicaId to, net::Frame frame) {
  transport_->send(to, net::share(std::move(frame)), {net::Delivery::Kind::kControl, {}});
}

void ByzantinePeer::send_signed(ReplicaId to, Message message) {
  send(to, sign(std::move(message), *signer_, chain()));
}

void ByzantinePeer::hear(ReplicaId from, net::Frame frame) {
  auto decoded = net::decode_peer(std::move(frame), chain(), hasher_);
  if (!decoded) return;
  auto* message = std::get_if<Message>(&*decoded);
  if (message == nullptr) return;
  const std::lock_guard lock(mutex_);
  if (const auto* proposal = std::get_if<Proposal>(message)) last_block_ = proposal->block;
  heard_.emplace_back(from, std::move(*message));
  if (heard_.size() > kHeardMax) heard_.pop_front();
}

/// The latest block for which a quorum voted, if the next view is ours.
std::optional<ByzantinePeer::Turn> ByzantinePeer::turn() {
  const std::lock_guard lock(mutex_);
  std::map<std::pair<View, Digest>, QuorumCert> votes;
  std::map<Digest, BlockPtr> blocks;
  for (const auto& [from, message] : heard_) {
    if (const auto* proposal = std::get_if<Proposal>(&message)) {
      blocks[proposal->block->id] = proposal->block;
    }
    const auto* vote = std::get_if<Vote>(&message);
    if (vote == nullptr) continue;
    QuorumCert& qc = votes[{vote->view, vote->block}];
    qc.view = vote->view;
    qc.block = vote->block;
    qc.signatures.push_back({from, vote->signature});
  }
  for (auto at = votes.rbegin(); at != votes.rend(); ++at) {
    QuorumCert& qc = at->second;
    std::sort(qc.signatures.begin(), qc.signatures.end(),
              [](const auto& a, const auto& b) { return a.signer < b.signer; });
    const bool leads = chain().leader(qc.view.next()) == self_;
    if (!leads || qc.signatures.size() != chain().quorum() || !blocks.contains(qc.block)) continue;
    return Turn{
        qc.view.next(), {blocks.at(qc.block), {}}, std::make_shared<const QuorumCert>(qc), {}};
  }
  return std::nullopt;
}

std::optional<ByzantinePeer::Turn> ByzantinePeer::await_turn(ReplicaId source,
                                                             milliseconds timeout) {
  std::optional<Turn> found;
  {
    const std::lock_guard lock(mutex_);
    heard_.clear();
  }
  if (!Cluster::await(timeout, [&] { return (found = turn()).has_value(); })) return std::nullopt;
  const Block& parent = *found->parent.block;
  send(source, BranchRequest{parent.id, Height{parent.height().value - 1}, 1});
  const bool answered = Cluster::await(timeout, [&] {
    const std::lock_guard lock(mutex_);
    for (const auto& [from, message] : heard_) {
      const auto* branch = std::get_if<Branch>(&message);
      if (branch == nullptr || branch->wanted != parent.id || branch->blocks.empty()) continue;
      found->parent = branch->blocks.back();
      return found->parent.block->id == branch->wanted;
    }
    return false;
  });
  if (!answered) return std::nullopt;
  found->history = found->parent.before;
  found->history.append(found->parent.block->payload->leaves(), hasher_);
  return found;
}

BlockPtr ByzantinePeer::last_block() {
  const std::lock_guard lock(mutex_);
  return last_block_;
}

}  // namespace waggle::integration
