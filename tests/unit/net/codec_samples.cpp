#include "tests/unit/net/codec_samples.hpp"

namespace waggle::net {
namespace {

namespace pb = chained;

BlockPtr share(Block block) { return std::make_shared<const Block>(std::move(block)); }

QcPtr qc(Draw& draw) { return std::make_shared<const QuorumCert>(draw.qc()); }

pb::ViewProof view_proof(Draw& draw) {
  switch (draw.up_to(3)) {
    case 0: return {qc(draw)};
    case 1: return {std::make_shared<const TimeoutCert>(draw.tc())};
    case 2: {
      std::vector<Timeout> timeouts(draw.up_to(3));
      for (Timeout& timeout : timeouts) timeout = draw.timeout();
      return {std::move(timeouts)};
    }
    default: return {};
  }
}

SharedBytes bytes(Draw& draw, std::size_t size_max) {
  return std::make_shared<const Bytes>(draw.bytes(size_max));
}

Frame branch(Draw& draw) {
  pb::Branch branch{draw.fixed<Digest>(), {}};
  for (std::uint64_t i = draw.up_to(3); i > 0; --i) {
    branch.blocks.push_back({share(draw.block()), draw.forest()});
  }
  return encode_peer(branch);
}

Frame forward(Draw& draw) {
  Forward forward;
  for (std::uint64_t i = draw.up_to(4); i > 0; --i) forward.requests.push_back(bytes(draw, 300));
  return encode_peer(forward);
}

Frame rejoin_report(Draw& draw) {
  return encode_peer(pb::RejoinReport{ReplicaId{draw.u32()}, ReplicaId{draw.u32()},
                                      draw.fixed<Digest>(), View{draw.u64()}, view_proof(draw),
                                      draw.fixed<Signature>()});
}

median::Named name(Draw& draw) {
  median::Named named{draw.fixed<ClientId>(), 1 + draw.up_to(1000), std::nullopt};
  if (draw.flag()) named.digest = draw.fixed<Digest>();
  return named;
}

median::SignedPre pre(Draw& draw) {
  median::SignedPre pre{
      ReplicaId{draw.u32()},  draw.up_to(1 << 20), draw.up_to(1 << 20), draw.fixed<Digest>(), {},
      draw.fixed<Signature>()};
  for (std::uint64_t i = draw.up_to(4); i > 0; --i) pre.entries.push_back(name(draw));
  return pre;
}

median::LogReply log_reply(Draw& draw) {
  median::LogReply reply{.round = draw.up_to(1 << 20), .shared = draw.up_to(100)};
  for (std::uint64_t i = draw.up_to(4); i > 0; --i) {
    reply.entries.push_back({name(draw), draw.up_to(1 << 20)});
  }
  for (std::uint64_t i = draw.up_to(3); i > 0; --i) reply.pres.push_back(pre(draw));
  reply.certificates.resize(draw.up_to(2), {pre(draw), pre(draw)});
  return reply;
}

/// A request is drawn with several commands; here it has one, of some lane.
SharedBytes median_request(Draw& draw) {
  const SampleChain& chain = sample_chain();
  const auto lane = static_cast<std::uint16_t>(draw.up_to(0xffff));
  const std::vector<Bytes> commands{draw.bytes(100)};
  return std::make_shared<const Bytes>(make_request(chain.config.chain_id, chain.client,
                                                    median::lane_number(lane, 1 + draw.up_to(1000)),
                                                    commands));
}

Frame median_message(Draw& draw) {
  const auto content = [&draw] {
    return *median::read_content(median_request(draw), sample_chain().config.limits,
                                 sample_chain().hasher);
  };
  switch (draw.up_to(4)) {
    case 0: return encode_peer(median::LogRequest{.round = draw.up_to(1 << 20), .marks = {7}});
    case 1: return encode_peer(log_reply(draw));
    case 2: return encode_peer(median::Append{draw.up_to(1 << 20), {{content(), 3}}});
    case 3: return encode_peer(median::Message(pre(draw)));
    default: return encode_peer(median::Contents{{content(), content()}});
  }
}

Frame committed(Draw& draw) {
  smr::Committed committed{
      draw.fixed<ClientId>(), View{draw.u64()}, Height{draw.u64()}, draw.fixed<Digest>(), {}};
  for (std::uint64_t i = draw.up_to(5); i > 0; --i) {
    committed.results.push_back({draw.u64(), draw.bytes(40)});
  }
  if (draw.flag()) committed.acknowledgement = draw.bytes(60);
  return encode_replica(committed);
}

Frame rejected(Draw& draw) {
  return encode_replica(smr::Rejected{draw.fixed<ClientId>(), draw.u64(), draw.u32(),
                                      static_cast<Refusal>(draw.up_to(kRefusalCount - 1)),
                                      draw.flag() ? "300 bytes, and 200 is the most" : ""});
}

Frame proof_result(Draw& draw) {
  smr::ProofResult result{draw.fixed<ClientId>(), draw.u64(), bytes(draw, 300)};
  const auto refusal = draw.up_to(smr::kProofRefusalLast);
  if (refusal != 0) result.proof = Unexpected{static_cast<smr::ProofRefusal>(refusal)};
  return encode_replica(result);
}

Frame status(Draw& draw) {
  smr::Status status;
  status.replica = ReplicaId{draw.u32()};
  status.n = draw.u32();
  status.chain_id = draw.fixed<Digest>();
  status.version = "0.1.0";
  status.phase = draw.flag() ? "active" : "rejoining";
  status.view = View{draw.u64()};
  status.leader = ReplicaId{draw.u32()};
  status.committed = Height{draw.u64()};
  status.executed = Height{draw.u64()};
  status.state_digest = draw.fixed<Digest>();
  status.commands_executed = draw.u64();
  status.timeouts = draw.u64();
  status.mempool_requests = draw.u64();
  status.mempool_bytes = draw.u64();
  for (std::uint64_t i = draw.up_to(4); i > 0; --i) {
    status.peers_connected.push_back(ReplicaId{draw.u32()});
  }
  for (std::uint64_t i = draw.up_to(3); i > 0; --i) {
    const auto level = static_cast<smr::Level>(draw.up_to(2));
    status.findings.push_back({level, "too_few_replicas", "Too few replicas: 3 of 4 are needed."});
  }
  status.time_ms = draw.u64();
  status.disk_free = draw.u64();
  status.disk_size = draw.u64();
  return encode_replica(status);
}

}  // namespace

Result<Frame, Refusal> recode_peer(Frame frame) {
  auto message = decode_peer(std::move(frame), sample_chain().config, sample_chain().hasher);
  if (!message) return Unexpected{message.error()};
  return std::visit([](const auto& kind) { return encode_peer(kind); }, *message);
}

Result<Frame, Refusal> recode_median(Frame frame) {
  static const ChainConfig config = [] {
    ChainConfig without_leaders = sample_chain().config;
    without_leaders.leaders = nullptr;
    return without_leaders;
  }();
  auto message = decode_peer(std::move(frame), config, sample_chain().hasher);
  if (!message) return Unexpected{message.error()};
  return std::visit([](const auto& kind) { return encode_peer(kind); }, *message);
}

Result<Frame, Refusal> recode_client(Frame frame) {
  auto message = decode_client(std::move(frame), sample_chain().config.limits);
  if (!message) return Unexpected{message.error()};
  return encode_client(*message);
}

Result<Frame, Refusal> recode_replica(Frame frame) {
  auto message = decode_replica(std::move(frame));
  if (!message) return Unexpected{message.error()};
  return encode_replica(*message);
}

const std::vector<WireKind>& wire_kinds() {
  static const std::vector<WireKind> all = {
      {"Proposal", [](Draw& draw) { return encode_peer(pb::Proposal{share(draw.block())}); },
       recode_peer},
      {"Vote",
       [](Draw& draw) {
         return encode_peer(pb::Vote{View{draw.u64()}, draw.fixed<Digest>(), ReplicaId{draw.u32()},
                                     draw.fixed<Signature>()});
       },
       recode_peer},
      {"Timeout", [](Draw& draw) { return encode_peer(pb::TimeoutMessage{draw.timeout()}); },
       recode_peer},
      {"Certificate", [](Draw& draw) { return encode_peer(pb::Certificate{view_proof(draw)}); },
       recode_peer},
      {"Heartbeat", [](Draw& draw) { return encode_peer(pb::Heartbeat{qc(draw)}); }, recode_peer},
      {"BranchRequest",
       [](Draw& draw) {
         return encode_peer(
             pb::BranchRequest{draw.fixed<Digest>(), Height{draw.u64()}, draw.u32()});
       },
       recode_peer},
      {"Branch", branch, recode_peer},
      {"RejoinChallenge",
       [](Draw& draw) {
         return encode_peer(pb::RejoinChallenge{ReplicaId{draw.u32()}, draw.fixed<Digest>(),
                                                draw.fixed<Signature>()});
       },
       recode_peer},
      {"RejoinReport", rejoin_report, recode_peer},
      {"Forward", forward, recode_peer},
      {"Median", median_message, recode_median},
      {"StateRequest",
       [](Draw& draw) {
         return encode_peer(smr::StateRequest{draw.u64(), draw.u64(), draw.u64()});
       },
       recode_median},
      {"StateChunk",
       [](Draw& draw) {
         return encode_peer(smr::StateChunk{draw.u64(), draw.u64(), draw.u64(), draw.bytes(300)});
       },
       recode_median},
      {"Submit", [](Draw& draw) { return encode_client(smr::Submit{bytes(draw, 500)}); },
       recode_client},
      {"SessionQuery",
       [](Draw& draw) {
         return encode_client(smr::SessionQuery{draw.fixed<ClientId>(),
                                                static_cast<std::uint32_t>(draw.up_to(0xffff))});
       },
       recode_client},
      {"LocalRead",
       [](Draw& draw) {
         return encode_client(smr::LocalRead{draw.u64(), draw.bytes(100)});
       },
       recode_client},
      {"StatusQuery", [](Draw&) { return encode_client(smr::StatusQuery{}); }, recode_client},
      {"ProofQuery",
       [](Draw& draw) {
         return encode_client(smr::ProofQuery{draw.fixed<ClientId>(), draw.u64(),
                                              draw.flag() ? draw.bytes(60) : Bytes()});
       },
       recode_client},
      {"Committed", committed, recode_replica},
      {"Rejected", rejected, recode_replica},
      {"SessionInfo",
       [](Draw& draw) {
         return encode_replica(smr::SessionInfo{draw.fixed<ClientId>(), draw.u64(),
                                                static_cast<std::uint32_t>(draw.up_to(0xffff))});
       },
       recode_replica},
      {"LocalReadResult",
       [](Draw& draw) {
         return encode_replica(
             smr::LocalReadResult{draw.u64(), Height{draw.u64()}, draw.bytes(100)});
       },
       recode_replica},
      {"Status", status, recode_replica},
      {"ProofResult", proof_result, recode_replica},
  };
  return all;
}

Bytes wire_bytes(const Frame& frame) {
  const auto prefix = frame.prefix();
  Bytes bytes(prefix.begin(), prefix.end());
  bytes.insert(bytes.end(), frame.header.begin(), frame.header.end());
  for (const SharedBytes& segment : frame.segments) {
    bytes.insert(bytes.end(), segment->begin(), segment->end());
  }
  return bytes;
}

Frame random_peer_frame(Draw& draw) {
  constexpr std::size_t kPeerKinds = 10;
  return wire_kinds()[draw.up_to(kPeerKinds - 1)].sample(draw);
}

}  // namespace waggle::net
