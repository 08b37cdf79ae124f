#include "sim/world/packet.hpp"

namespace waggle::sim {

using namespace chained;

namespace {

constexpr std::size_t kDigest = Digest::kSize;
constexpr std::size_t kSignature = Signature::kSize;
constexpr std::size_t kSigner = 4 + kSignature;
constexpr std::size_t kTip = 8 + kDigest + 8;
/// Frame, version and the tags and lengths of the fields.
constexpr std::size_t kEnvelope = 20;

std::size_t size_of(const QuorumCert& qc) {
  return 8 + kDigest + 4 + qc.signatures.size() * kSigner;
}

std::size_t size_of(const TimeoutCert& tc) {
  return 8 + 4 + tc.tips.size() * kTip + 4 + tc.entries.size() * (4 + kSigner);
}

std::size_t size_of(const Timeout& timeout) {
  return 8 + 4 + kTip + kSignature + 1 + (timeout.tip_vote ? kSignature : 0) + 8 + kDigest + 1 +
         (timeout.full_qc ? size_of(*timeout.full_qc) : 0);
}

std::size_t size_of(const Block& block) {
  const std::size_t header = 8 + 8 + 4 + kDigest + 8 + kDigest + kDigest + 1 + 2 * kDigest;
  return header + kSignature + size_of(*block.qc) + 1 +
         (block.tc ? kDigest + size_of(*block.tc) : 0) + block.payload->bytes()->size();
}

std::size_t size_of(const ViewProof& proof) {
  if (const auto* qc = std::get_if<QcPtr>(&proof.proof)) return 1 + size_of(**qc);
  if (const auto* tc = std::get_if<TcPtr>(&proof.proof)) return 1 + size_of(**tc);
  std::size_t size = 1;
  if (const auto* timeouts = std::get_if<std::vector<Timeout>>(&proof.proof)) {
    size += 4;
    for (const Timeout& timeout : *timeouts) size += size_of(timeout);
  }
  return size;
}

struct Size {
  std::size_t operator()(const Proposal& proposal) const { return size_of(*proposal.block); }
  std::size_t operator()(const Vote&) const { return 4 + kDigest + kSigner; }
  std::size_t operator()(const TimeoutMessage& message) const { return size_of(message.timeout); }
  std::size_t operator()(const Certificate& certificate) const {
    return size_of(certificate.proof);
  }
  std::size_t operator()(const Heartbeat& heartbeat) const { return size_of(*heartbeat.high_qc); }
  std::size_t operator()(const BranchRequest&) const { return kDigest + 8; }
  std::size_t operator()(const Branch& branch) const {
    std::size_t size = kDigest + (branch.certificate ? size_of(*branch.certificate) : 0);
    for (const ChainedBlock& chained : branch.blocks) {
      size += size_of(*chained.block) + 8 + 4 + chained.before.peaks().size() * kDigest;
    }
    return size;
  }
  std::size_t operator()(const RejoinChallenge&) const { return 4 + kDigest + kSignature; }
  std::size_t operator()(const RejoinReport& report) const {
    return 16 + kDigest + kSignature + size_of(report.justification);
  }
};

}  // namespace

std::uint32_t wire_size(const Message& message) {
  return static_cast<std::uint32_t>(kEnvelope + std::visit(Size{}, message));
}

std::uint32_t wire_size(const median::Message& message) {
  return static_cast<std::uint32_t>(kEnvelope + median::encode(message).size());
}

std::uint32_t wire_size(const smr::HostMessage& message) {
  std::size_t bytes = 60;
  if (const auto* forward = std::get_if<smr::Forward>(&message)) {
    for (const SharedBytes& request : forward->requests) bytes += request->size() + 4;
  } else if (const auto* chunk = std::get_if<smr::StateChunk>(&message)) {
    bytes += chunk->bytes.size();
  }
  return static_cast<std::uint32_t>(bytes);
}

std::string_view kind_of(const smr::HostMessage& message) {
  static constexpr std::string_view kKinds[] = {"forward", "report", "state_request",
                                                "state_chunk"};
  return kKinds[message.index()];
}

Wire wire_of(Address from, Address to, const median::Message& message, std::uint32_t bytes) {
  Wire wire{from, to, median::kind_of(message), View{0}, nullptr, bytes};
  std::optional<median::Round> round;
  if (const auto* request = std::get_if<median::LogRequest>(&message)) round = request->round;
  if (const auto* reply = std::get_if<median::LogReply>(&message)) round = reply->round;
  if (const auto* append = std::get_if<median::Append>(&message)) round = append->round;
  wire.states_view = round.has_value();
  wire.view = View{round.value_or(0)};
  return wire;
}

Wire wire_of(Address from, Address to, const Message& message, std::uint32_t bytes) {
  Wire wire{from, to, kind_of(message), View{0}, nullptr, bytes};
  wire.states_view = std::holds_alternative<Proposal>(message) ||
                     std::holds_alternative<Vote>(message) ||
                     std::holds_alternative<TimeoutMessage>(message);
  if (const auto* proposal = std::get_if<Proposal>(&message)) {
    wire.view = proposal->block->view();
    wire.block = &proposal->block->id;
  } else if (const auto* vote = std::get_if<Vote>(&message)) {
    wire.view = vote->view;
    wire.block = &vote->block;
  } else if (const auto* timeout = std::get_if<TimeoutMessage>(&message)) {
    wire.view = timeout->timeout.view;
    wire.block = &timeout->timeout.tip.block;
  } else if (const auto* request = std::get_if<BranchRequest>(&message)) {
    wire.block = &request->block;
  } else if (const auto* branch = std::get_if<Branch>(&message)) {
    wire.block = &branch->wanted;
  } else if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
    wire.view = heartbeat->high_qc->view;
    wire.block = &heartbeat->high_qc->block;
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    if (const auto* qc = std::get_if<QcPtr>(&certificate->proof.proof)) {
      wire.view = (*qc)->view;
      wire.block = &(*qc)->block;
    } else if (const auto* tc = std::get_if<TcPtr>(&certificate->proof.proof)) {
      wire.view = (*tc)->view;
    }
  }
  return wire;
}

}  // namespace waggle::sim
