#include "net/codec_support.hpp"

namespace waggle::net {
namespace {

using namespace wire_support;
using wire::Header;
namespace pb = chained;

std::string encoded(const pb::ViewProof& proof) {
  return canonical([&](Writer& writer) { pb::encode(writer, proof); });
}

std::string encoded(const Block& block) {
  return canonical([&](Writer& writer) { encode_without_payload(writer, block); });
}

Frame encode_kind(const pb::Proposal& proposal) {
  Header header;
  header.mutable_proposal()->set_block(encoded(*proposal.block));
  return finish(header, {proposal.block->payload->bytes()});
}

Frame encode_kind(const pb::Vote& vote) {
  Header header;
  auto& to = *header.mutable_vote();
  to.set_view(vote.view.value);
  to.set_block(bytes_of(vote.block));
  to.set_voter(vote.voter.value);
  to.set_signature(bytes_of(vote.signature));
  return finish(header);
}

Frame encode_kind(const pb::TimeoutMessage& message) {
  Header header;
  header.mutable_timeout()->set_timeout(
      canonical([&](Writer& writer) { encode(writer, message.timeout); }));
  return finish(header);
}

Frame encode_kind(const pb::Certificate& certificate) {
  Header header;
  header.mutable_certificate()->set_proof(encoded(certificate.proof));
  return finish(header);
}

Frame encode_kind(const pb::Heartbeat& heartbeat) {
  Header header;
  header.mutable_heartbeat()->set_high_qc(
      canonical([&](Writer& writer) { encode(writer, *heartbeat.high_qc); }));
  return finish(header);
}

Frame encode_kind(const pb::BranchRequest& request) {
  Header header;
  auto& to = *header.mutable_branch_request();
  to.set_block(bytes_of(request.block));
  to.set_above(request.above.value);
  to.set_count_max(request.count_max);
  return finish(header);
}

Frame encode_kind(const pb::Branch& branch) {
  Header header;
  auto& to = *header.mutable_branch();
  to.set_wanted(bytes_of(branch.wanted));
  std::vector<SharedBytes> payloads;
  payloads.reserve(branch.blocks.size());
  for (const pb::ChainedBlock& chained : branch.blocks) {
    auto& entry = *to.add_blocks();
    entry.set_block(encoded(*chained.block));
    entry.set_forest(canonical([&](Writer& writer) { chained.before.encode(writer); }));
    payloads.push_back(chained.block->payload->bytes());
  }
  if (branch.certificate) {
    to.set_certificate(canonical([&](Writer& writer) { encode(writer, *branch.certificate); }));
  }
  return finish(header, std::move(payloads));
}

Frame encode_kind(const pb::RejoinChallenge& challenge) {
  Header header;
  auto& to = *header.mutable_rejoin_challenge();
  to.set_sender(challenge.sender.value);
  to.set_nonce(bytes_of(challenge.nonce));
  to.set_signature(bytes_of(challenge.signature));
  return finish(header);
}

Frame encode_kind(const pb::RejoinReport& report) {
  Header header;
  auto& to = *header.mutable_rejoin_report();
  to.set_reporter(report.reporter.value);
  to.set_rejoiner(report.rejoiner.value);
  to.set_nonce(bytes_of(report.nonce));
  to.set_bound(report.bound.value);
  to.set_justification(encoded(report.justification));
  to.set_signature(bytes_of(report.signature));
  return finish(header);
}

/// Whether it is a message of the chained cores.
constexpr bool is_chained(Header::KindCase kind) noexcept {
  return kind >= Header::kProposal && kind <= Header::kRejoinReport;
}

/// Whether it is a message of median servers.
constexpr bool is_median(Header::KindCase kind) noexcept {
  return kind >= Header::kMedian && kind <= Header::kStateChunk;
}

/// One message being decoded: the parsed header and the segments behind it.
struct Decoder {
  const Header& header;
  std::vector<SharedBytes>& segments;
  const ChainConfig& config;
  const Hasher& hasher;
  Fields fields;

  using Decoded = Result<PeerMessage, Refusal>;

  Decoded done(pb::Message message, std::size_t segments_expected = 0) {
    fields.require(segments.size() == segments_expected);
    if (!fields.ok()) return Unexpected{Refusal::kMalformed};
    return PeerMessage(std::move(message));
  }

  Decoded proposal() {
    if (segments.size() != 1) return Unexpected{Refusal::kMalformed};
    auto block =
        decode_block(as_bytes(header.proposal().block()), std::move(segments[0]), config, hasher);
    if (!block) return Unexpected{block.error()};
    return done(pb::Proposal{std::move(*block)}, 1);
  }

  Decoded vote() {
    const auto& from = header.vote();
    return done(pb::Vote{View{from.view()}, fields.fixed<Digest>(from.block()),
                         ReplicaId{from.voter()}, fields.fixed<Signature>(from.signature())});
  }

  Decoded timeout() {
    return done(pb::TimeoutMessage{fields.canonical(header.timeout().timeout(), decode_timeout)});
  }

  Decoded certificate() {
    return done(
        pb::Certificate{fields.canonical(header.certificate().proof(), pb::decode_view_proof)});
  }

  Decoded heartbeat() {
    return done(pb::Heartbeat{std::make_shared<const QuorumCert>(
        fields.canonical(header.heartbeat().high_qc(), decode_qc))});
  }

  Decoded branch_request() {
    const auto& from = header.branch_request();
    return done(pb::BranchRequest{fields.fixed<Digest>(from.block()), Height{from.above()},
                                  from.count_max()});
  }

  Decoded branch() {
    const auto& from = header.branch();
    const auto count = static_cast<std::size_t>(from.blocks_size());
    if (segments.size() != count) return Unexpected{Refusal::kMalformed};
    pb::Branch branch;
    branch.wanted = fields.fixed<Digest>(from.wanted());
    branch.blocks.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& entry = from.blocks(static_cast<int>(i));
      Forest before = fields.canonical(entry.forest(), &Forest::decode);
      if (!fields.ok()) return Unexpected{Refusal::kMalformed};
      auto block = decode_block(as_bytes(entry.block()), std::move(segments[i]), config, hasher);
      if (!block) return Unexpected{block.error()};
      branch.blocks.push_back({std::move(*block), std::move(before)});
    }
    if (!from.certificate().empty()) {
      branch.certificate =
          std::make_shared<const QuorumCert>(fields.canonical(from.certificate(), decode_qc));
    }
    return done(std::move(branch), count);
  }

  Decoded rejoin_challenge() {
    const auto& from = header.rejoin_challenge();
    return done(pb::RejoinChallenge{ReplicaId{from.sender()}, fields.fixed<Digest>(from.nonce()),
                                    fields.fixed<Signature>(from.signature())});
  }

  Decoded rejoin_report() {
    const auto& from = header.rejoin_report();
    return done(pb::RejoinReport{ReplicaId{from.reporter()}, ReplicaId{from.rejoiner()},
                                 fields.fixed<Digest>(from.nonce()), View{from.bound()},
                                 fields.canonical(from.justification(), pb::decode_view_proof),
                                 fields.fixed<Signature>(from.signature())});
  }

  Decoded median_message() {
    if (segments.size() != 1) return Unexpected{Refusal::kMalformed};
    auto message = median::decode_message(*segments.front(), config.limits, hasher);
    if (!message) return Unexpected{message.error()};
    return PeerMessage(std::move(*message));
  }

  Decoded forward() {
    for (const SharedBytes& request : segments) {
      if (request->size() > config.limits.request_bytes_max) {
        return Unexpected{Refusal::kTooLarge};
      }
    }
    return PeerMessage(smr::HostMessage(Forward{std::move(segments)}));
  }

  Decoded state_report() {
    const auto& from = header.state_report();
    const smr::StateReport report{Height{from.height()}, fields.fixed<Digest>(from.digest())};
    if (!fields.ok() || !segments.empty()) return Unexpected{Refusal::kMalformed};
    return PeerMessage(smr::HostMessage(report));
  }

  Decoded state_request() {
    const auto& from = header.state_request();
    if (!segments.empty()) return Unexpected{Refusal::kMalformed};
    const smr::StateRequest request{from.length(), from.state(), from.offset()};
    return PeerMessage(smr::HostMessage(request));
  }

  Decoded state_chunk() {
    const auto& from = header.state_chunk();
    if (segments.size() != 1) return Unexpected{Refusal::kMalformed};
    if (segments[0]->size() > smr::kStateChunkMax) return Unexpected{Refusal::kTooLarge};
    smr::StateChunk chunk{from.state(), from.total(), from.offset(), *segments[0]};
    return PeerMessage(smr::HostMessage(std::move(chunk)));
  }
};

}  // namespace

Frame encode_peer(const pb::Message& message) {
  return std::visit([](const auto& kind) { return encode_kind(kind); }, message);
}

Frame encode_peer(const median::Message& message) {
  Header header;
  header.mutable_median();
  return finish(header, {std::make_shared<const Bytes>(median::encode(message))});
}

Frame encode_peer(const smr::HostMessage& message) {
  Header header;
  if (const auto* forward = std::get_if<Forward>(&message)) {
    header.mutable_forward();
    return finish(header, forward->requests);
  }
  if (const auto* request = std::get_if<smr::StateRequest>(&message)) {
    header.mutable_state_request()->set_length(request->length);
    header.mutable_state_request()->set_state(request->state);
    header.mutable_state_request()->set_offset(request->offset);
    return finish(header);
  }
  if (const auto* chunk = std::get_if<smr::StateChunk>(&message)) {
    header.mutable_state_chunk()->set_state(chunk->state);
    header.mutable_state_chunk()->set_total(chunk->total);
    header.mutable_state_chunk()->set_offset(chunk->offset);
    return finish(header, {std::make_shared<const Bytes>(chunk->bytes)});
  }
  const auto& report = std::get<smr::StateReport>(message);
  header.mutable_state_report()->set_height(report.height.value);
  header.mutable_state_report()->set_digest(bytes_of(report.digest));
  return finish(header);
}

Result<PeerMessage, Refusal> decode_peer(Frame frame, const ChainConfig& config,
                                         const Hasher& hasher) {
  const auto header = parse(frame);
  if (!header) return Unexpected{header.error()};
  const bool runs_median = config.leaders == nullptr;
  if (runs_median ? is_chained(header->kind_case()) : is_median(header->kind_case())) {
    return Unexpected{Refusal::kUnknownKind};
  }
  Decoder decoder{*header, frame.segments, config, hasher, {}};
  switch (header->kind_case()) {
    case Header::kProposal: return decoder.proposal();
    case Header::kVote: return decoder.vote();
    case Header::kTimeout: return decoder.timeout();
    case Header::kCertificate: return decoder.certificate();
    case Header::kHeartbeat: return decoder.heartbeat();
    case Header::kBranchRequest: return decoder.branch_request();
    case Header::kBranch: return decoder.branch();
    case Header::kRejoinChallenge: return decoder.rejoin_challenge();
    case Header::kRejoinReport: return decoder.rejoin_report();
    case Header::kForward: return decoder.forward();
    case Header::kStateReport: return decoder.state_report();
    case Header::kMedian: return decoder.median_message();
    case Header::kStateRequest: return decoder.state_request();
    case Header::kStateChunk: return decoder.state_chunk();
    default: return Unexpected{Refusal::kMalformed};  // a kind for another port
  }
}

namespace {

View highest_view(const pb::ViewProof& proof) {
  if (const auto* qc = std::get_if<QcPtr>(&proof.proof)) return (*qc)->view;
  if (const auto* tc = std::get_if<TcPtr>(&proof.proof)) return (*tc)->view;
  View highest;
  if (const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof.proof)) {
    for (const Timeout& timeout : *timeouts) highest = std::max(highest, timeout.view);
  }
  return highest;
}

struct DeliveryOf {
  static Delivery consensus(View view) { return {Delivery::Kind::kConsensus, view}; }
  Delivery operator()(const pb::Proposal& m) const { return consensus(m.block->view()); }
  Delivery operator()(const pb::Vote& m) const { return consensus(m.view); }
  Delivery operator()(const pb::TimeoutMessage& m) const { return consensus(m.timeout.view); }
  Delivery operator()(const pb::Certificate& m) const { return consensus(highest_view(m.proof)); }
  Delivery operator()(const pb::Heartbeat& m) const { return consensus(m.high_qc->view); }
  Delivery operator()(const pb::Branch&) const { return {Delivery::Kind::kSync, {}}; }
  Delivery operator()(const auto&) const { return {Delivery::Kind::kControl, {}}; }
};

struct MedianDeliveryOf {
  static Delivery of_round(median::Round round) {
    return {Delivery::Kind::kConsensus, View{round}};
  }
  Delivery operator()(const median::LogRequest& m) const { return of_round(m.round); }
  Delivery operator()(const median::LogReply& m) const { return of_round(m.round); }
  Delivery operator()(const median::Append& m) const { return of_round(m.round); }
  Delivery operator()(const median::Contents&) const { return {Delivery::Kind::kSync, {}}; }
  Delivery operator()(const median::FinalReply&) const { return {Delivery::Kind::kSync, {}}; }
  Delivery operator()(const auto&) const { return {Delivery::Kind::kControl, {}}; }
};

}  // namespace

Delivery delivery_of(const pb::Message& message) { return std::visit(DeliveryOf{}, message); }

Delivery delivery_of(const median::Message& message) {
  return std::visit(MedianDeliveryOf{}, message);
}

Delivery delivery_of(const smr::HostMessage& message) {
  if (std::holds_alternative<Forward>(message)) return {Delivery::Kind::kForward, {}};
  if (std::holds_alternative<smr::StateChunk>(message)) return {Delivery::Kind::kSync, {}};
  return {Delivery::Kind::kControl, {}};
}

}  // namespace waggle::net
