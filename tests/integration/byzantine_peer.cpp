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

bool ByzantinePeer::await_disconnected(ReplicaId from) {
  return Cluster::await(seconds(20), [&] {
    const std::lock_guard lock(mutex_);
    return !connected_.contains(from);
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

PayloadPtr ByzantinePeer::payload(bool is_signed) const {
  const std::vector<Bytes> commands = {encode(put("stolen", "goods"))};
  const crypto::Ed25519Signer client(crypto::KeyPair::generate());
  Bytes request = make_request(chain().chain_id, client, 1, commands);
  if (!is_signed) std::fill_n(request.rbegin(), Signature::kSize, std::uint8_t{0});
  Bytes bytes;
  append_to_payload(bytes, request);
  return must(Payload::parse(std::make_shared<const Bytes>(bytes), chain().limits, hasher_),
              "payload");
}

void ByzantinePeer::hear(ReplicaId from, net::Frame frame) {
  auto decoded = net::decode_peer(std::move(frame), chain(), hasher_);
  if (!decoded) return;
  auto* message = std::get_if<Message>(&*decoded);
  if (message == nullptr) return;
  const std::lock_guard lock(mutex_);
  if (const auto* proposal = std::get_if<Proposal>(message)) {
    last_block_ = proposal->block;
    heights_[proposal->block->id] = proposal->block->height();
  }
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

Height ByzantinePeer::height_of(const Digest& block) {
  const std::lock_guard lock(mutex_);
  const auto found = heights_.find(block);
  return found == heights_.end() ? Height{} : found->second;
}

void ByzantinePeer::forget() {
  const std::lock_guard lock(mutex_);
  heard_.clear();
}

std::vector<ChainedBlock> ByzantinePeer::fetch(ReplicaId source, const Digest& block, Height height,
                                               std::uint32_t count, milliseconds timeout) {
  const std::uint64_t above = height.value > count ? height.value - count : 0;
  send(source, BranchRequest{block, Height{above}, count});
  std::vector<ChainedBlock> blocks;
  Cluster::await(timeout, [&] {
    const std::lock_guard lock(mutex_);
    for (const auto& [from, message] : heard_) {
      const auto* branch = std::get_if<Branch>(&message);
      if (branch == nullptr || branch->wanted != block || branch->blocks.empty()) continue;
      if (branch->blocks.back().block->id == block) blocks = branch->blocks;
    }
    return !blocks.empty();
  });
  return blocks;
}

std::optional<ByzantinePeer::Turn> ByzantinePeer::await_turn(ReplicaId source,
                                                             milliseconds timeout) {
  std::optional<Turn> found;
  forget();
  if (!Cluster::await(timeout, [&] { return (found = turn()).has_value(); })) return std::nullopt;
  const Block& parent = *found->parent.block;
  const auto blocks = fetch(source, parent.id, parent.height(), 1, timeout);
  if (blocks.empty()) return std::nullopt;
  found->parent = blocks.back();
  found->history = found->parent.before;
  found->history.append(found->parent.block->payload->leaves(), hasher_);
  return found;
}

std::vector<Timeout> ByzantinePeer::timeouts_of_others() {
  const std::lock_guard lock(mutex_);
  std::map<View, std::map<ReplicaId, Timeout>> by_view;
  for (const auto& [from, message] : heard_) {
    const auto* timeout = std::get_if<TimeoutMessage>(&message);
    if (timeout != nullptr) by_view[timeout->timeout.view].emplace(from, timeout->timeout);
  }
  for (auto at = by_view.rbegin(); at != by_view.rend(); ++at) {
    if (at->second.size() + 1 < chain().quorum()) continue;
    std::vector<Timeout> timeouts;
    for (const auto& [from, timeout] : at->second) timeouts.push_back(timeout);
    return timeouts;
  }
  return {};
}

std::optional<ByzantinePeer::FailedTurn> ByzantinePeer::await_failed_turn(
    ReplicaId source, View after, milliseconds timeout,
    const std::function<bool(const ChainedBlock& parent)>& wanted) {
  forget();
  View given_up;
  std::optional<FailedTurn> found;
  Cluster::await(timeout, [&] {
    std::vector<Timeout> timeouts = timeouts_of_others();
    if (timeouts.empty() || timeouts.front().view <= given_up) return false;
    given_up = timeouts.front().view;
    const Tip tip = std::max_element(timeouts.begin(), timeouts.end(), [](auto& a, auto& b) {
                      return a.tip.rank() < b.tip.rank();
                    })->tip;
    if (given_up.next() > after && chain().leader(given_up.next()) == self_) {
      const auto blocks = fetch(source, tip.block, height_of(tip.block), 2, seconds(2));
      if (blocks.size() == 2 && wanted(blocks.back())) {
        found = FailedTurn{given_up.next(), std::move(timeouts), blocks.front(), blocks.back(),
                           blocks.back().before};
        found->history.append(found->parent.block->payload->leaves(), hasher_);
        return true;
      }
    }
    const Timeout own = author().timeout(given_up, tip);
    for (const Timeout& other : timeouts) send(other.sender, TimeoutMessage{own});
    return false;
  });
  return found;
}

BlockPtr ByzantinePeer::last_block() {
  const std::lock_guard lock(mutex_);
  return last_block_;
}

}  // namespace waggle::integration
