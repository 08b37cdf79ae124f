// What the network brings to a node: network thread, then the pool.
#include <utility>

#include "smr/bin/waggled/node.hpp"
#include "smr/replica/layout.hpp"

namespace waggle::daemon {

void Node::on_peer_frame(ReplicaId from, net::Frame frame) {
  if (!has_room()) return;
  const std::size_t size = frame.wire_size();
  const bool taken = from_peers_->submit(
      from.value, size, [this, from, frame = std::move(frame)](const Ticket& ticket) mutable {
        decode_peer(from, std::move(frame), ticket);
      });
  if (!taken) refuse(from, Refusal::kThrottled);
}

void Node::on_client_frame(net::ConnectionId from, net::Frame frame) {
  if (!has_room()) return;
  const std::size_t size = frame.wire_size();
  const bool taken = from_clients_->submit(
      from.value, size, [this, from, frame = std::move(frame)](const Ticket& ticket) mutable {
        decode_client(from, std::move(frame), ticket);
      });
  if (!taken) refuse(from, Refusal::kThrottled);
}

void Node::decode_peer(ReplicaId from, net::Frame frame, const Ticket& ticket) {
  auto decoded = net::decode_peer(std::move(frame), chain_, hasher_);
  if (!decoded) return refuse(from, decoded.error());
  if (auto* chained = std::get_if<chained::Message>(&*decoded)) {
    on_chained(from, std::move(*chained), ticket);
  } else if (auto* median = std::get_if<median::Message>(&*decoded)) {
    on_median(from, std::move(*median), ticket);
  } else {
    on_host_message(from, std::get<smr::HostMessage>(*decoded), ticket);
  }
}

void Node::on_chained(ReplicaId from, chained::Message message, const Ticket& ticket) {
  auto verified =
      chained::validate(std::move(message), from, genesis_block_, chain_, verifier_, hasher_);
  if (!verified) return refuse(from, verified.error());
  post_input(ticket, [this, message = std::move(*verified)] {
    if (const auto* proposal = std::get_if<chained::Proposal>(&message.message())) {
      commit_latency_.seen(proposal->block->id);
    }
    chained_->on_message(message);
  });
}

void Node::on_median(ReplicaId from, median::Message message, const Ticket& ticket) {
  auto verified = median::validate(std::move(message), from, chain_, verifier_, hasher_);
  if (!verified) return refuse(from, verified.error());
  post_input(ticket, [this, message = std::move(*verified)] { median_->on_message(message); });
}

void Node::on_host_message(ReplicaId from, const smr::HostMessage& message, const Ticket& ticket) {
  if (const auto* forward = std::get_if<smr::Forward>(&message)) {
    return on_forward(from, *forward, ticket);
  }
  if (const auto* report = std::get_if<smr::StateReport>(&message)) {
    post_input(ticket, [this, from, report = *report] { host_->on_report(from, report); });
  } else if (const auto* request = std::get_if<smr::StateRequest>(&message)) {
    post_input(ticket,
               [this, from, request = *request] { median_->on_state_request(from, request); });
  } else if (const auto* chunk = std::get_if<smr::StateChunk>(&message)) {
    post_input(ticket, [this, from, chunk = *chunk] { median_->on_state_chunk(from, chunk); });
  }
}

/// An honest replica has checked all that it forwards: what follows a bad one is not looked at.
void Node::on_forward(ReplicaId from, const smr::Forward& forward, const Ticket& ticket) {
  for (const SharedBytes& bytes : forward.requests) {
    auto request = smr::check_request(bytes, chain_, verifier_);
    if (!request) return refuse(from, request.error());
    post_input(ticket,
               [this, request = std::move(*request)] { host_->on_request(std::nullopt, request); });
  }
}

void Node::decode_client(net::ConnectionId from, net::Frame frame, const Ticket& ticket) {
  if (frame.skipped > 0) return refuse_cut(from, frame, ticket);
  auto decoded = net::decode_client(std::move(frame), chain_.limits);
  if (!decoded) return refuse(from, decoded.error());
  const smr::ClientConnection connection{from.value};
  if (auto* submitted = std::get_if<smr::Submit>(&*decoded)) {
    submit(connection, std::move(submitted->request), ticket);
  } else if (const auto* query = std::get_if<smr::SessionQuery>(&*decoded)) {
    post_input(ticket,
               [this, connection, query = *query] { host_->on_session_query(connection, query); });
  } else if (const auto* read = std::get_if<smr::LocalRead>(&*decoded)) {
    answer_local_read(from, *read);
  } else if (const auto* proof = std::get_if<smr::ProofQuery>(&*decoded)) {
    post_input(ticket,
               [this, connection, query = *proof] { host_->on_proof_query(connection, query); });
  } else {
    answer_status(connection, ticket);
  }
}

void Node::answer_status(smr::ClientConnection to, const Ticket& ticket) {
  const DiskSpace disk = disk_space(setup_.settings.data_dir);
  post_input(ticket, [this, to, disk] { reply(to, describe(disk)); });
}

smr::Status Node::describe(const DiskSpace& disk) const {
  smr::Status status = host_->status();
  status.version = WAGGLE_VERSION;
  status.time_ms = now_ms();
  status.disk_free = disk.free;
  status.disk_size = disk.size;
  const bool known = disk.size > 0;
  status.findings = host_->findings(known ? std::optional(disk.free) : std::nullopt);
  return status;
}

void Node::submit(smr::ClientConnection from, SharedBytes bytes, const Ticket& ticket) {
  auto request = smr::check_request(bytes, chain_, verifier_);
  if (!request) {
    return post_input(ticket, [this, from, bytes = std::move(bytes), reason = request.error()] {
      host_->on_refused_request(from, *bytes, bytes->size(), reason);
    });
  }
  post_input(ticket,
             [this, from, request = std::move(*request)] { host_->on_request(from, request); });
}

void Node::refuse_cut(net::ConnectionId from, const net::Frame& frame, const Ticket& ticket) {
  const auto cut = net::decode_cut(frame);
  if (!cut) return refuse(from, Refusal::kTooLarge);
  post_input(ticket, [this, from, cut = *cut] {
    host_->on_refused_request({from.value}, *cut.head, cut.size, Refusal::kTooLarge);
  });
}

void Node::answer_local_read(net::ConnectionId from, const smr::LocalRead& read) {
  // The position first: the state is at least as new.
  const auto stored = storage_->get(storage::Family::kMeta, as_bytes(smr::layout::kExecutedKey));
  if (!stored) {
    return post([this, why = stored.error().message] { stop("storage: " + why); });
  }
  const auto position = *stored ? smr::layout::decode_executed(**stored) : std::nullopt;
  smr::LocalReadResult result;
  result.id = read.id;
  if (position) result.height = position->height;
  result.result = smr::answer_query(*storage_, machine_, hasher_, read.query);
  clients_->send(from, net::share(net::encode_replica(result)));
}

}  // namespace waggle::daemon
