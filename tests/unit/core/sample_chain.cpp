#include "tests/unit/core/sample_chain.hpp"

#include "consensus/core/domain.hpp"

namespace waggle {
namespace {

crypto::Ed25519Signer signer_of(std::uint8_t number) {
  return crypto::Ed25519Signer(crypto::KeyPair::from_seed(seed_of(number)));
}

}  // namespace

std::array<std::uint8_t, crypto::kSeedSize> seed_of(std::uint8_t number) {
  std::array<std::uint8_t, crypto::kSeedSize> seed;
  seed.fill(number);
  return seed;
}

Bytes with_flipped_bit(ByteView bytes, std::size_t bit) {
  Bytes copy(bytes.begin(), bytes.end());
  copy.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
  return copy;
}

const SampleChain& sample_chain() {
  static const SampleChain chain;
  return chain;
}

SampleChain::SampleChain() : client(signer_of(kClientSeed)) {
  config.chain_id = hasher.hash({domain::kChain, as_bytes("a genesis file")});
  for (std::uint8_t i = 0; i < kReplicas; ++i) {
    replicas.push_back(signer_of(static_cast<std::uint8_t>(kReplicaSeed + i)));
    config.replica_keys.push_back(replicas.back().public_key());
  }
  config.leaders = std::make_shared<const RoundRobin>(kReplicas);
  config.clients = {client.public_key()};

  genesis = make_genesis(config, hasher);
  const SharedBytes full = payload({request(7, {to_bytes("put a 1"), {}, to_bytes("get a")}),
                                    request(10, {to_bytes("delete a")})});
  block_a = block(View{1}, *genesis, genesis->qc, nullptr, Forest{}, full);
  qc_a = std::make_shared<const QuorumCert>(qc(View{1}, block_a->id, {0, 2, 3}));

  Forest history;
  history.append(block_a->payload->leaves(), hasher);
  block_b = block(View{2}, *block_a, qc_a, nullptr, history, payload({}));
  tc_3 = std::make_shared<const TimeoutCert>(make_timeout_cert(
      View{3}, {timeout(3, View{3}, block_b->tip()), timeout(0, View{3}, block_a->tip()),
                timeout(1, View{3}, block_b->tip())}));
  block_c =
      block(View{4}, *block_b, qc_a, tc_3, history, payload({request(11, {to_bytes("put b 2")})}));
}

Bytes SampleChain::request(std::uint64_t first, const std::vector<Bytes>& commands) const {
  return make_request(config.chain_id, client, first, commands);
}

SharedBytes SampleChain::payload(const std::vector<Bytes>& requests) const {
  Bytes bytes;
  for (const Bytes& one : requests) append_to_payload(bytes, one);
  return std::make_shared<const Bytes>(std::move(bytes));
}

SignerSignature SampleChain::vote(std::uint32_t replica, View view, const Digest& id) const {
  return {ReplicaId{replica}, replicas.at(replica).sign(vote_bytes(config.chain_id, view, id))};
}

QuorumCert SampleChain::qc(View view, const Digest& id, std::vector<std::uint32_t> signers) const {
  QuorumCert made{view, id, {}};
  for (const std::uint32_t signer : signers) made.signatures.push_back(vote(signer, view, id));
  return made;
}

Timeout SampleChain::timeout(std::uint32_t replica, View view, const Tip& tip) const {
  Timeout made;
  made.view = view;
  made.sender = ReplicaId{replica};
  made.tip = tip;
  made.signature = replicas.at(replica).sign(timeout_bytes(config.chain_id, view, tip));
  if (tip.view > View{0}) made.tip_vote = vote(replica, tip.view, tip.block).signature;
  made.high_qc = {tip.qc_view, tip.block};
  return made;
}

BlockPtr SampleChain::block(View view, const Block& parent, QcPtr with_qc, TcPtr with_tc,
                            const Forest& history, SharedBytes payload_bytes) const {
  Block made;
  made.qc = std::move(with_qc);
  made.tc = std::move(with_tc);
  made.payload = *Payload::parse(std::move(payload_bytes), config.limits, hasher);
  made.header.view = view;
  made.header.height = parent.height().next();
  made.header.proposer = config.leader(view);
  made.header.parent = parent.id;
  made.header.qc = made.qc->ref();
  made.header.qc_digest = qc_digest(*made.qc, hasher);
  if (made.tc) made.header.tc_digest = tc_digest(*made.tc, hasher);
  made.header.payload_root = made.payload->root();
  made.header.history_root = history.root(hasher);
  return with_header(made, [](BlockHeader&) {});
}

BlockPtr SampleChain::with_header(const Block& block,
                                  const std::function<void(BlockHeader&)>& change) const {
  auto made = std::make_shared<Block>(block);
  change(made->header);
  made->id = block_id(made->header, config.chain_id, hasher);
  if (config.has(made->header.proposer)) {
    const auto& proposer = replicas.at(made->header.proposer.value);
    made->signature = proposer.sign(proposal_bytes(config.chain_id, made->id));
  }
  return made;
}

Bytes SampleChain::encoded(const Block& block) const {
  Writer writer;
  encode_without_payload(writer, block);
  return writer.take();
}

Result<BlockPtr, Refusal> SampleChain::decode(ByteView without_payload, SharedBytes bytes) const {
  return decode_block(without_payload, std::move(bytes), config, hasher);
}

Result<void, Refusal> SampleChain::verify(const Block& block) const {
  return verify_block(block, genesis->id, config, verifier);
}

}  // namespace waggle
