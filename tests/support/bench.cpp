#include "tests/support/bench.hpp"

#include <algorithm>

#include "tests/support/trace.hpp"

namespace waggle::testing {

using namespace chained;

void ScriptedPayloads::remove_committed(const Payload& payload) {
  for (const RequestRef& request : payload.requests()) {
    const ByteView bytes = request.in(*payload.bytes());
    std::erase_if(waiting_, [&](const Bytes& one) {
      return std::equal(one.begin(), one.end(), bytes.begin(), bytes.end());
    });
  }
}

PayloadPtr ScriptedPayloads::build(const std::vector<PayloadPtr>& in_flight) {
  Bytes bytes;
  for (const Bytes& one : waiting_) {
    bool flying = false;
    for (const PayloadPtr& payload : in_flight) {
      for (const RequestRef& request : payload->requests()) {
        const ByteView other = request.in(*payload->bytes());
        flying = flying || std::equal(one.begin(), one.end(), other.begin(), other.end());
      }
    }
    if (!flying) append_to_payload(bytes, one);
  }
  const auto shared = std::make_shared<const Bytes>(std::move(bytes));
  return *Payload::parse(shared, chain_.config.limits, chain_.hasher);
}

Bench::Bench(Chain& chain, const Guards& guards)
    : Bench(chain, std::make_unique<pbeegees::Rules>(guards)) {}

Bench::Bench(Chain& chain, std::unique_ptr<const Rules> rules)
    : chain_(chain), rules_(std::move(rules)), peers_(chain.config.n()) {
  for (Peer& peer : peers_) peer.payloads = std::make_unique<ScriptedPayloads>(chain);
}

const Bench::Effects& Bench::start(std::uint32_t replica, bool rejoin) {
  Peer& peer = peers_.at(replica);
  peer.rng = std::make_unique<sim::Random>(seed * 1000 + replica);
  peer.core =
      std::make_unique<Core>(Core::Setup{chain_.config, *rules_, pacemaker, ReplicaId{replica},
                                         chain_.hasher, *peer.payloads, *peer.rng});
  peer.last.clear();
  peer.core->start(recovered(peer, rejoin), peer.last);
  if (observe) observe(replica, rejoin ? "rejoin" : "start", peer.last);
  perform(replica, peer.last);
  return peer.last;
}

void Bench::crash(std::uint32_t replica) {
  Peer& peer = peers_.at(replica);
  peer.core.reset();
  peer.timers.clear();
  peer.payloads = std::make_unique<ScriptedPayloads>(chain_);
}

void Bench::lose_executed(std::uint32_t replica, std::size_t blocks) {
  Peer& peer = peers_.at(replica);
  ENSURE(peer.core == nullptr && blocks <= peer.disk.committed.size());
  peer.disk.committed.resize(peer.disk.committed.size() - blocks);
}

const Bench::Effects& Bench::deliver(std::uint32_t to, std::uint32_t from, Message message) {
  const std::string name = std::string(kind_of(message));
  auto verified = chain_.validate(std::move(message), from);
  if (!verified) {
    const std::string why = name + " refused: " + std::string(to_string(verified.error()));
    ensure_failed("validate() accepts what a test delivers", __FILE__, __LINE__, why);
  }
  return step(to, name, std::move(*verified));
}

const Bench::Effects& Bench::inject(std::uint32_t to, std::uint32_t from, Message message) {
  const std::string name = std::string(kind_of(message));
  return step(
      to, name,
      Verified<Message>(std::move(message), ReplicaId{from}, VerificationPass::for_own_messages()));
}

const Bench::Effects& Bench::propose(std::uint32_t to, const BlockPtr& block) {
  return deliver(to, block->header.proposer.value, Proposal{block});
}

const Bench::Effects& Bench::fire(std::uint32_t replica, TimerId timer) {
  peers_.at(replica).timers.erase(timer);
  return step(replica, "timer", TimerFired{timer});
}

const Bench::Effects& Bench::connect(std::uint32_t replica, std::uint32_t peer) {
  return step(replica, "connected", PeerConnected{ReplicaId{peer}});
}

const Bench::Effects& Bench::disconnect(std::uint32_t replica, std::uint32_t peer) {
  return step(replica, "disconnected", PeerDisconnected{ReplicaId{peer}});
}

const Bench::Effects& Bench::submit(std::uint32_t replica, const std::string& command) {
  peers_.at(replica).payloads->push(command);
  return step(replica, "commands_ready", CommandsReady{});
}

const Bench::Effects& Bench::step(std::uint32_t replica, const std::string& name,
                                  const Core::InputType& input) {
  Peer& peer = peers_.at(replica);
  ENSURE(peer.core != nullptr, "the test speaks to a replica that does not run");
  Effects effects;
  peer.core->step(input, effects);
  if (observe) observe(replica, name, effects);
  perform(replica, effects);
  peer.last = std::move(effects);
  return peer.last;
}

void Bench::perform(std::uint32_t replica, const Effects& effects) {
  Peer& peer = peers_.at(replica);
  for (const auto& effect : effects) {
    if (const auto* persist = std::get_if<Persist<Record>>(&effect)) {
      store(peer, persist->record);
    } else if (const auto* one = std::get_if<Send<Message>>(&effect)) {
      send(replica, one->to.value, one->message);
    } else if (const auto* all = std::get_if<Broadcast<Message>>(&effect)) {
      for (std::uint32_t to = 0; to < chain_.config.n(); ++to) send(replica, to, all->message);
    } else if (const auto* commit = std::get_if<Commit>(&effect)) {
      peer.commits.push_back(commit->block);
      peer.payloads->remove_committed(*commit->block->payload);
      // The forest below a committed block is on the disk with it.
      peer.disk.committed.push_back(peer.disk.blocks.at(commit->block->id));
    } else if (const auto* set = std::get_if<SetTimer>(&effect)) {
      peer.timers[set->timer] = {now_ + set->after, set->after};
    } else if (const auto* cancel = std::get_if<CancelTimer>(&effect)) {
      peer.timers.erase(cancel->timer);
    } else if (const auto* refused = std::get_if<Refused>(&effect)) {
      peer.refusals.push_back(refused->reason);
    } else if (const auto* halt = std::get_if<Halt>(&effect)) {
      peer.halted = halt->reason;
    }
  }
}

void Bench::send(std::uint32_t from, std::uint32_t to, const Message& message) {
  Envelope envelope{from, to, chain_.signed_by(from, message)};
  if (passes(envelope)) network_.push_back(std::move(envelope));
}

void Bench::run(std::size_t steps) {
  for (; steps > 0 && !network_.empty(); --steps) {
    const Envelope envelope = std::move(network_.front());
    network_.pop_front();
    Peer& to = peers_.at(envelope.to);
    if (to.core == nullptr) continue;
    if (const auto* request = std::get_if<BranchRequest>(&envelope.message)) {
      const Branch branch = answer(to, *request);
      send(envelope.to, envelope.from, branch);
      continue;
    }
    deliver(envelope.to, envelope.from, envelope.message);
  }
}

bool Bench::tick(bool heartbeats) {
  std::optional<std::pair<std::uint32_t, TimerId>> next;
  Duration due{};
  for (std::uint32_t id = 0; id < peers_.size(); ++id) {
    for (const auto& [timer, at] : peers_[id].timers) {
      if (timer == Core::kHeartbeatTimer && !heartbeats) continue;
      if (next && at.due >= due) continue;
      next = {id, timer};
      due = at.due;
    }
  }
  if (!next) return false;
  now_ = std::max(now_, due);
  fire(next->first, next->second);
  run();
  return true;
}

bool Bench::has_committed(std::uint32_t replica, const BlockPtr& block) const {
  const auto& all = commits(replica);
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one->id == block->id; });
}

bool Bench::forked() const {
  std::map<Height, Digest> chosen;
  for (const Peer& peer : peers_) {
    for (const BlockPtr& block : peer.commits) {
      if (chosen.emplace(block->height(), block->id).first->second != block->id) return true;
    }
  }
  return false;
}

void Bench::store(Peer& peer, const Record& record) {
  peer.disk.safety = record.safety;
  // Written and read back, as a host does.
  const auto read = decode_record(encode_record(record.safety));
  ENSURE(read.has_value(), "a record that does not decode");
  peer.disk.safety = *read;
  for (const ChainedBlock& chained : record.blocks) {
    peer.disk.blocks.insert_or_assign(chained.block->id, chained);
  }
  for (const Digest& id : record.dropped) peer.disk.blocks.erase(id);
}

Recovered Bench::recovered(const Peer& peer, bool rejoin) const {
  Recovered out;
  out.rejoin = rejoin;
  out.safety = peer.disk.safety;
  const auto& committed = peer.disk.committed;
  out.blocks.push_back({chain_.genesis, Forest{}});
  if (!committed.empty()) out.blocks.front() = committed.back();
  const Height head = out.blocks.front().block->height();
  if (!committed.empty()) out.ancestry.push_back({chain_.genesis->id, View{0}, Height{0}});
  for (std::size_t i = 0; i + 1 < committed.size(); ++i) {
    const Block& block = *committed[i].block;
    out.ancestry.push_back({block.id, block.view(), block.height()});
  }
  std::vector<ChainedBlock> above;
  for (const auto& [id, chained] : peer.disk.blocks) {
    if (chained.block->height() > head) above.push_back(chained);
  }
  std::sort(above.begin(), above.end(),
            [](const auto& a, const auto& b) { return a.block->height() < b.block->height(); });
  out.blocks.insert(out.blocks.end(), above.begin(), above.end());
  return out;
}

Branch Bench::answer(const Peer& peer, const BranchRequest& request) const {
  Branch branch{request.block, {}, nullptr};
  const BlockTree& tree = peer.core->tree();
  Node* node = tree.find(request.block);
  std::vector<ChainedBlock> all = peer.disk.committed;
  if (node != nullptr) {
    for (const Node* step : tree.path_from_head(node)) {
      if (!step->connected()) return branch;
      all.push_back({step->block, *step->before});
    }
    branch.certificate = node->certificate;
  } else if (!tree.is_committed(request.block)) {
    return branch;
  }
  for (ChainedBlock& chained : all) {
    const bool above = chained.block->height() > request.above;
    if (!above || branch.blocks.size() >= std::min(request.count_max, kBranchBlocksMax)) continue;
    const bool last = chained.block->id == request.block;
    branch.blocks.push_back(std::move(chained));
    if (last) break;
  }
  return branch;
}

}  // namespace waggle::testing
