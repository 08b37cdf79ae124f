// What a simulated replica sends and receives.
#include "sim/world/replica.hpp"
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

template <class Take>
void Replica::arrive(Address from, std::uint64_t transmission, Take take) {
  const Event event{.kind = EventKind::kDeliver,
                    .replica = address_.value,
                    .peer = from.value,
                    .number = transmission};
  const bool taken = run([this, event, take = std::move(take)] {
    world_.note(event);
    take();
  });
  if (taken) return;
  Event dropped = event;
  dropped.kind = EventKind::kDrop;
  dropped.name = paused_ ? "full" : "down";
  world_.note(dropped);
}

void Replica::deliver(Address from, const PacketPtr& packet, std::uint64_t transmission) {
  arrive(from, transmission, [this, packet] { receive(packet); });
}

void Replica::deliver(Address from, const smr::HostMessage& message, std::uint64_t transmission) {
  arrive(from, transmission, [this, from, message] { receive(world_.identity(from), message); });
}

void Replica::receive(const PacketPtr& packet) {
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

void Replica::receive(ReplicaId from, const smr::HostMessage& message) {
  if (const auto* report = std::get_if<smr::StateReport>(&message)) {
    host_->on_report(from, *report);
    return;
  }
  for (const SharedBytes& bytes : std::get<smr::Forward>(message).requests) {
    auto checked = smr::check_request(bytes, world_.chain(), world_.verifier());
    if (checked && alive()) host_->on_request(std::nullopt, std::move(*checked));
  }
}

void Replica::deliver_request(smr::ClientConnection from, const SharedBytes& bytes) {
  run([this, from, bytes] {
    auto checked = smr::check_request(bytes, world_.chain(), world_.verifier());
    if (checked) {
      host_->on_request(from, std::move(*checked));
    } else {
      host_->on_refused_request(from, *bytes, bytes->size(), checked.error());
    }
  });
}

void Replica::connected(ReplicaId peer) {
  run([this, peer] { host_->on_peer_connected(peer); });
}

void Replica::disconnected(ReplicaId peer) {
  run([this, peer] { host_->on_peer_disconnected(peer); });
}

void Replica::send(ReplicaId to, const Message& message) {
  if (!alive()) return;
  world_.judge().on_sent(id_, message);
  if (byzantine()) return tamper_and_transmit(to, message);
  transmit(to, std::make_shared<Packet>(id_, message));
}

void Replica::broadcast(const Message& message) {
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

void Replica::tamper_and_transmit(ReplicaId to, const Message& message) {
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
void Replica::say(Outgoing one, const Block* meant) {
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
  world_.events().after(one.delay, [this, life = life_, to = one.to, packet] {
    if (life == life_) run([this, to, packet] { transmit(to, packet); });
  });
}

void Replica::transmit(ReplicaId to, const PacketPtr& packet) {
  if (to == id_) return;  // also from twin to twin: nobody has a connection to itself
  world_.for_each_address(to, [&](Address at) {
    Wire wire = packet->wire(address_, at);
    wire.sent_in = host_->core().view();
    world_.network().send(wire, [this, at, packet](std::uint64_t number) {
      world_.replica(at).deliver(address_, packet, number);
    });
  });
}

// The hosts of this world have chained cores.
void Replica::send(ReplicaId, const median::Message&) { ENSURE(false, "no median server here"); }
void Replica::broadcast(const median::Message&) { ENSURE(false, "no median server here"); }

void Replica::send(ReplicaId to, const smr::HostMessage& message) {
  if (!alive()) return;
  const auto* forward = std::get_if<smr::Forward>(&message);
  if (forward == nullptr ? byzantine() : world_.options().forwards_lost) return;
  std::uint32_t bytes = 60;
  if (forward != nullptr) {
    for (const SharedBytes& request : forward->requests) {
      bytes += static_cast<std::uint32_t>(request->size()) + 4;
    }
  }
  const auto shared = std::make_shared<const smr::HostMessage>(message);
  world_.for_each_address(to, [&](Address at) {
    Wire wire{address_, at, forward == nullptr ? "report" : "forward", View{0}, nullptr, bytes};
    wire.sent_in = host_->core().view();
    world_.network().send(wire, [this, at, shared](std::uint64_t number) {
      world_.replica(at).deliver(address_, *shared, number);
    });
  });
}

void Replica::reply(smr::ClientConnection to, smr::ReplicaMessage message) {
  if (!alive()) return;
  if (auto* committed = std::get_if<smr::Committed>(&message); committed && byzantine()) {
    for (smr::CommandResult& result : committed->results) result.result = to_bytes("lie");
  }
  const auto shared = std::make_shared<const smr::ReplicaMessage>(std::move(message));
  world_.network().send_client([&world = world_, from = id_, to, shared] {
    world.client(to.value).on_reply(from, *shared);
  });
}

}  // namespace waggle::sim
