#include "net/codec_support.hpp"

namespace waggle::net {
namespace {

using namespace wire_support;
using wire::Header;

constexpr std::uint32_t kLaneMax = 0xffff;
/// Of an encoded certificate without its command: 63 links and some numbers.
constexpr std::size_t kCertificateRestMax = 4096;

SharedBytes segment_of(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }

// From a client.

Frame encode_kind(const smr::Submit& submit) {
  Header header;
  header.mutable_submit();
  return finish(header, {submit.request});
}

Frame encode_kind(const smr::SessionQuery& query) {
  Header header;
  header.mutable_session_query()->set_client(bytes_of(query.client));
  header.mutable_session_query()->set_lane(query.lane);
  return finish(header);
}

Frame encode_kind(const smr::LocalRead& read) {
  Header header;
  header.mutable_local_read()->set_id(read.id);
  return finish(header, {segment_of(read.query)});
}

Frame encode_kind(const smr::StatusQuery&) {
  Header header;
  header.mutable_status_query();
  return finish(header);
}

Frame encode_kind(const smr::ProofQuery& query) {
  Header header;
  header.mutable_proof_query()->set_client(bytes_of(query.client));
  header.mutable_proof_query()->set_number(query.number);
  if (query.certificate.empty()) return finish(header);
  return finish(header, {segment_of(query.certificate)});
}

// From a replica.

Frame encode_kind(const smr::Committed& committed) {
  Header header;
  auto& to = *header.mutable_committed();
  to.set_client(bytes_of(committed.client));
  to.set_view(committed.view.value);
  to.set_height(committed.height.value);
  to.set_block(bytes_of(committed.block));
  to.set_acknowledgement(std::string(as_text(committed.acknowledgement)));
  Writer results;
  for (const smr::CommandResult& result : committed.results) {
    results.u64(result.number).sized(result.result);
  }
  return finish(header, {segment_of(results.take())});
}

Frame encode_kind(const smr::Rejected& rejected) {
  Header header;
  auto& to = *header.mutable_rejected();
  to.set_client(bytes_of(rejected.client));
  to.set_first(rejected.first);
  to.set_count(rejected.count);
  to.set_reason(std::string(to_string(rejected.reason)));
  to.set_detail(rejected.detail);
  return finish(header);
}

Frame encode_kind(const smr::SessionInfo& info) {
  Header header;
  header.mutable_session_info()->set_client(bytes_of(info.client));
  header.mutable_session_info()->set_next(info.next);
  header.mutable_session_info()->set_lane(info.lane);
  return finish(header);
}

Frame encode_kind(const smr::LocalReadResult& result) {
  Header header;
  header.mutable_local_read_result()->set_id(result.id);
  header.mutable_local_read_result()->set_height(result.height.value);
  return finish(header, {segment_of(result.result)});
}

Frame encode_kind(const smr::Status& status) {
  Header header;
  auto& to = *header.mutable_status();
  to.set_replica(status.replica.value);
  to.set_n(status.n);
  to.set_chain_id(bytes_of(status.chain_id));
  to.set_version(status.version);
  to.set_phase(status.phase);
  to.set_view(status.view.value);
  to.set_leader(status.leader.value);
  to.set_committed(status.committed.value);
  to.set_executed(status.executed.value);
  to.set_state_digest(bytes_of(status.state_digest));
  to.set_commands_executed(status.commands_executed);
  to.set_timeouts(status.timeouts);
  to.set_mempool_requests(status.mempool_requests);
  to.set_mempool_bytes(status.mempool_bytes);
  for (const ReplicaId peer : status.peers_connected) to.add_peers_connected(peer.value);
  for (const smr::Finding& finding : status.findings) {
    auto& added = *to.add_findings();
    added.set_level(static_cast<std::uint32_t>(finding.level));
    added.set_code(finding.code);
    added.set_text(finding.text);
  }
  to.set_time_ms(status.time_ms);
  to.set_disk_free(status.disk_free);
  to.set_disk_size(status.disk_size);
  return finish(header);
}

Frame encode_kind(const smr::ProofResult& result) {
  Header header;
  auto& to = *header.mutable_proof_result();
  to.set_client(bytes_of(result.client));
  to.set_number(result.number);
  if (result.proof) return finish(header, {*result.proof});
  to.set_refusal(static_cast<std::uint32_t>(result.proof.error()));
  return finish(header);
}

using Answer = Result<smr::ReplicaMessage, Refusal>;

Answer decode_committed(const wire::Committed& from, const Frame& frame) {
  if (frame.segments.size() != 1) return Unexpected{Refusal::kMalformed};
  Fields fields;
  smr::Committed committed{fields.fixed<ClientId>(from.client()),
                           View{from.view()},
                           Height{from.height()},
                           fields.fixed<Digest>(from.block()),
                           {},
                           to_bytes(from.acknowledgement())};
  Reader reader(*frame.segments[0]);
  while (reader.remaining() != 0) {
    const std::uint64_t number = reader.u64();
    const ByteView result = reader.sized();
    if (!reader.ok()) break;
    committed.results.push_back({number, Bytes(result.begin(), result.end())});
  }
  fields.require(reader.done());
  if (!fields.ok()) return Unexpected{Refusal::kMalformed};
  return smr::ReplicaMessage(std::move(committed));
}

Answer decode_rejected(const wire::Rejected& from, const Frame& frame) {
  Fields fields;
  smr::Rejected rejected{fields.fixed<ClientId>(from.client()), from.first(), from.count(), {}, {}};
  rejected.detail = fields.text(from.detail());
  fields.require(frame.segments.empty());
  if (!fields.ok()) return Unexpected{Refusal::kMalformed};
  for (std::size_t i = 0; i < kRefusalCount; ++i) {
    rejected.reason = static_cast<Refusal>(i);
    if (to_string(rejected.reason) == from.reason()) return smr::ReplicaMessage(rejected);
  }
  return Unexpected{Refusal::kUnknownKind};
}

Answer decode_session_info(const wire::SessionInfo& from, const Frame& frame) {
  Fields fields;
  const smr::SessionInfo info{fields.fixed<ClientId>(from.client()), from.next(), from.lane()};
  fields.require(frame.segments.empty() && info.lane <= kLaneMax);
  if (!fields.ok()) return Unexpected{Refusal::kMalformed};
  return smr::ReplicaMessage(info);
}

Answer decode_local_read_result(const wire::LocalReadResult& from, const Frame& frame) {
  if (frame.segments.size() != 1) return Unexpected{Refusal::kMalformed};
  return smr::ReplicaMessage(
      smr::LocalReadResult{from.id(), Height{from.height()}, *frame.segments[0]});
}

Answer decode_status(const wire::Status& from, const Frame& frame) {
  Fields fields;
  smr::Status status;
  status.replica = ReplicaId{from.replica()};
  status.n = from.n();
  status.chain_id = fields.fixed<Digest>(from.chain_id());
  status.version = fields.text(from.version());
  status.phase = fields.text(from.phase());
  status.view = View{from.view()};
  status.leader = ReplicaId{from.leader()};
  status.committed = Height{from.committed()};
  status.executed = Height{from.executed()};
  status.state_digest = fields.fixed<Digest>(from.state_digest());
  status.commands_executed = from.commands_executed();
  status.timeouts = from.timeouts();
  status.mempool_requests = from.mempool_requests();
  status.mempool_bytes = from.mempool_bytes();
  for (const std::uint32_t peer : from.peers_connected()) {
    status.peers_connected.push_back(ReplicaId{peer});
  }
  for (const wire::Finding& finding : from.findings()) {
    fields.require(finding.level() <= static_cast<std::uint32_t>(smr::Level::kBad));
    status.findings.push_back({static_cast<smr::Level>(finding.level()),
                               fields.text(finding.code()), fields.text(finding.text())});
  }
  status.time_ms = from.time_ms();
  status.disk_free = from.disk_free();
  status.disk_size = from.disk_size();
  fields.require(frame.segments.empty());
  if (!fields.ok()) return Unexpected{Refusal::kMalformed};
  return smr::ReplicaMessage(std::move(status));
}

Answer decode_proof_result(const wire::ProofResult& from, const Frame& frame) {
  Fields fields;
  smr::ProofResult result{fields.fixed<ClientId>(from.client()), from.number(),
                          Unexpected{static_cast<smr::ProofRefusal>(from.refusal())}};
  fields.require(frame.segments.size() == (from.refusal() == 0 ? 1 : 0));
  if (!fields.ok()) return Unexpected{Refusal::kMalformed};
  if (from.refusal() > smr::kProofRefusalLast) {
    return Unexpected{Refusal::kUnknownKind};
  }
  if (from.refusal() == 0) result.proof = frame.segments[0];
  return smr::ReplicaMessage(std::move(result));
}

}  // namespace

Frame encode_client(const smr::ClientMessage& message) {
  return std::visit([](const auto& kind) { return encode_kind(kind); }, message);
}

Frame encode_replica(const smr::ReplicaMessage& message) {
  return std::visit([](const auto& kind) { return encode_kind(kind); }, message);
}

Result<smr::ClientMessage, Refusal> decode_client(Frame frame, const Limits& limits) {
  const auto header = parse(frame);
  if (!header) return Unexpected{header.error()};
  const bool bulky =
      header->kind_case() == Header::kSubmit || header->kind_case() == Header::kLocalRead;
  const bool may_be = header->kind_case() == Header::kProofQuery && frame.segments.size() == 1;
  if (frame.segments.size() != (bulky ? 1 : 0) && !may_be) return Unexpected{Refusal::kMalformed};
  switch (header->kind_case()) {
    case Header::kSubmit:
      if (frame.segments[0]->size() > limits.request_bytes_max) {
        return Unexpected{Refusal::kTooLarge};
      }
      return smr::ClientMessage(smr::Submit{std::move(frame.segments[0])});
    case Header::kSessionQuery: {
      Fields fields;
      const smr::SessionQuery query{fields.fixed<ClientId>(header->session_query().client()),
                                    header->session_query().lane()};
      fields.require(query.lane <= kLaneMax);
      if (!fields.ok()) return Unexpected{Refusal::kMalformed};
      return smr::ClientMessage(query);
    }
    case Header::kLocalRead:
      if (frame.segments[0]->size() > limits.command_bytes_max) {
        return Unexpected{Refusal::kTooLarge};
      }
      return smr::ClientMessage(smr::LocalRead{header->local_read().id(), *frame.segments[0]});
    case Header::kStatusQuery: return smr::ClientMessage(smr::StatusQuery{});
    case Header::kProofQuery: {
      Fields fields;
      const smr::ProofQuery query{fields.fixed<ClientId>(header->proof_query().client()),
                                  header->proof_query().number(),
                                  frame.segments.empty() ? Bytes() : *frame.segments[0]};
      if (query.certificate.size() > limits.command_bytes_max + kCertificateRestMax) {
        return Unexpected{Refusal::kTooLarge};
      }
      // An empty segment says what none says.
      fields.require(frame.segments.empty() || !query.certificate.empty());
      if (!fields.ok()) return Unexpected{Refusal::kMalformed};
      return smr::ClientMessage(query);
    }
    default: return Unexpected{Refusal::kMalformed};  // a kind for another port
  }
}

std::optional<CutRequest> decode_cut(const Frame& frame) {
  Header header;
  const int size = static_cast<int>(frame.header.size());
  const bool readable = header.ParseFromArray(frame.header.data(), size);
  if (frame.skipped == 0 || !readable || header.kind_case() != Header::kSubmit) return {};
  ENSURE(frame.segments.size() == 1, "what is kept of a frame that was cut is one segment");
  return CutRequest{frame.segments[0], frame.payload_size() + std::uint64_t{frame.skipped}};
}

Result<smr::ReplicaMessage, Refusal> decode_replica(Frame frame) {
  const auto header = parse(frame);
  if (!header) return Unexpected{header.error()};
  switch (header->kind_case()) {
    case Header::kCommitted: return decode_committed(header->committed(), frame);
    case Header::kRejected: return decode_rejected(header->rejected(), frame);
    case Header::kSessionInfo: return decode_session_info(header->session_info(), frame);
    case Header::kLocalReadResult:
      return decode_local_read_result(header->local_read_result(), frame);
    case Header::kStatus: return decode_status(header->status(), frame);
    case Header::kProofResult: return decode_proof_result(header->proof_result(), frame);
    default: return Unexpected{Refusal::kMalformed};  // a kind for another port
  }
}

}  // namespace waggle::net
