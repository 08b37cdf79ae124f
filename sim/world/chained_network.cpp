// What a simulated replica sends and receives.
#include "sim/world/chained_replica.hpp"
#include "sim/world/world.hpp"

namespace waggle::sim {

using chained::Message;
using chained::Proposal;

namespace {

Event propose_event(Address from, const Block& block) {
  std::uint64_t commands = 0;
  for (const RequestRef& request : block.payload->requests()) commands += request.count;
  return {.kind = EventKind::kPropose,
          .replica = from.value,
          .name = block.tc ? "tc" : "qc",
          .view = block.view(),
          .height = block.height(),
          .qc_view = block.qc->view,
          .block = &block.id,
          .parent = &block.header.parent,
          .count = commands};
}

}  // namespace

void ChainedReplica::deliver(Address from, const PacketPtr& packet, std::uint64_t transmission) {
  arrive(from, transmission, [this, packet] { receive(packet); });
}

void ChainedReplica::receive(const PacketPtr& packet) {
  const auto& verdict = packet->verdict([this](const Message& message, ReplicaId from) {
    return chained::validate(message, from, world_.genesis(), world_.chain(), world_.verifier(),
                             world_.hasher());
  });
  if (!verdict) {
    if (world_.judge().honest(packet->from())) {
      world_.fail("refusal", told(id_) + " refuses " + told(world_.events().now()) + " a " +
                                 std::string(kind_of(packet->message())) + " of the honest " +
                                 told(packet->from()) + ": " +
                                 std::string(to_string(verdict.error())));
    }
    return;
  }
  bool lets_in = true;
  Adversary::Out said;
  for (const auto& adversary : adversaries_) {
    adversary->hear(packet->from(), verdict->message(), said);
    lets_in = lets_in && adversary->lets_in(packet->from(), verdict->message());
  }
  for (Outgoing& one : said) say(std::move(one), nullptr);
  if (lets_in) host_->on_message(*verdict);
}

void ChainedReplica::send(ReplicaId to, const Message& message) {
  if (!alive()) return;
  world_.judge().on_sent(id_, message);
  if (byzantine()) return tamper_and_transmit(to, message);
  transmit(to, std::make_shared<Packet>(id_, message));
}

void ChainedReplica::broadcast(const Message& message) {
  if (!alive()) return;
  world_.judge().on_sent(id_, message);
  if (const auto* proposal = std::get_if<Proposal>(&message)) {
    world_.note(propose_event(address_, *proposal->block));
    world_.judge().on_block(*proposal->block);
    world_.on_proposed(*proposal->block);
  }
  const auto packet = std::make_shared<Packet>(id_, message);
  for (std::uint32_t to = 0; to < world_.n(); ++to) {
    if (byzantine() && ReplicaId{to} != id_) {
      tamper_and_transmit(ReplicaId{to}, message);
    } else {
      transmit(ReplicaId{to}, packet);
    }
  }
}

void ChainedReplica::tamper_and_transmit(ReplicaId to, const Message& message) {
  Adversary::Out out;
  out.push_back({to, message});
  for (const auto& adversary : adversaries_) {
    Adversary::Out changed;
    for (Outgoing& one : out) adversary->tamper(std::move(one), changed);
    out = std::move(changed);
  }
  const auto* meant = std::get_if<Proposal>(&message);
  for (Outgoing& one : out) say(std::move(one), meant != nullptr ? meant->block.get() : nullptr);
}

/// A message that adversaries made or let out; `meant` is the block that the core itself proposes.
void ChainedReplica::say(Outgoing one, const Block* meant) {
  const auto* said = std::get_if<Proposal>(&one.message);
  if (said != nullptr) world_.judge().on_block(*said->block);
  if (const auto* branch = std::get_if<chained::Branch>(&one.message)) {
    for (const auto& one_block : branch->blocks) world_.judge().on_block(*one_block.block);
  }
  const bool twin = said != nullptr && (meant == nullptr || said->block->id != meant->id);
  if (twin && said->block->id != last_twin_) {
    last_twin_ = said->block->id;
    world_.note(propose_event(address_, *said->block));
  }
  const auto packet = std::make_shared<Packet>(id_, std::move(one.message));
  if (one.delay == Duration{0}) return transmit(one.to, packet);
  later(one.delay, [this, to = one.to, packet] { transmit(to, packet); });
}

void ChainedReplica::transmit(ReplicaId to, const PacketPtr& packet) {
  if (to == id_) return;  // also from twin to twin: nobody has a connection to itself
  world_.for_each_address(to, [&](Address at) {
    Wire wire = wire_of(address_, at, packet->message(), packet->bytes());
    wire.sent_in = host_->core().view();
    world_.network().send(wire, [this, at, packet](std::uint64_t number) {
      world_.chained(at).deliver(address_, packet, number);
    });
  });
}

}  // namespace waggle::sim
