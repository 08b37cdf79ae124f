#include "consensus/core/block.hpp"

#include "consensus/core/domain.hpp"

namespace waggle {

void encode(Writer& writer, const BlockHeader& header) {
  writer.view(header.view).height(header.height).replica(header.proposer).fixed(header.parent);
  encode(writer, header.qc);
  writer.fixed(header.qc_digest).u8(header.tc_digest ? 1 : 0);
  if (header.tc_digest) writer.fixed(*header.tc_digest);
  writer.fixed(header.payload_root).fixed(header.history_root);
}

BlockHeader decode_header(Reader& reader) {
  BlockHeader header;
  header.view = reader.view();
  header.height = reader.height();
  header.proposer = reader.replica();
  header.parent = reader.fixed<Digest>();
  header.qc = decode_qc_ref(reader);
  header.qc_digest = reader.fixed<Digest>();
  if (reader.flag()) header.tc_digest = reader.fixed<Digest>();
  header.payload_root = reader.fixed<Digest>();
  header.history_root = reader.fixed<Digest>();
  return header;
}

Digest block_id(const BlockHeader& header, const Digest& chain_id, const Hasher& hasher) {
  Writer writer;
  encode(writer, header);
  return hasher.hash({domain::kBlock, chain_id.view(), writer.bytes()});
}

Bytes proposal_bytes(const Digest& chain_id, const Digest& id) {
  return domain::begin(domain::kProposal, chain_id).fixed(id).take();
}

BlockPtr make_genesis(const ChainConfig& config, const Hasher& hasher) {
  auto block = std::make_shared<Block>();
  block->payload = Payload::empty(hasher);
  block->header.payload_root = block->payload->root();
  block->header.history_root = Forest{}.root(hasher);
  block->id = block_id(block->header, config.chain_id, hasher);
  block->qc = std::make_shared<const QuorumCert>(genesis_qc(block->id));
  return block;
}

void encode_without_payload(Writer& writer, const Block& block) {
  encode(writer, block.header);
  writer.fixed(block.signature);
  encode(writer, *block.qc);
  writer.u8(block.tc ? 1 : 0);
  if (block.tc) encode(writer, *block.tc);
}

Result<BlockPtr, Refusal> decode_block(ByteView without_payload, SharedBytes payload,
                                       const ChainConfig& config, const Hasher& hasher) {
  Reader reader(without_payload);
  auto block = std::make_shared<Block>();
  block->header = decode_header(reader);
  block->signature = reader.fixed<Signature>();
  block->qc = std::make_shared<const QuorumCert>(decode_qc(reader));
  if (reader.flag()) block->tc = std::make_shared<const TimeoutCert>(decode_tc(reader));
  if (!reader.done()) return Unexpected{Refusal::kMalformed};

  const BlockHeader& header = block->header;
  const bool qc_named = header.qc == block->qc->ref() &&
                        header.qc_digest == qc_digest(*block->qc, hasher);
  if (!qc_named) return Unexpected{Refusal::kBadCertificate};
  const bool tc_named = header.tc_digest.has_value() == (block->tc != nullptr) &&
                        (!block->tc || *header.tc_digest == tc_digest(*block->tc, hasher));
  if (!tc_named) return Unexpected{Refusal::kBadCertificate};

  auto parsed = Payload::parse(std::move(payload), config.limits, hasher);
  if (!parsed) return Unexpected{parsed.error()};
  block->payload = std::move(*parsed);
  if (block->payload->root() != header.payload_root) return Unexpected{Refusal::kBadPayload};
  block->id = block_id(header, config.chain_id, hasher);
  return BlockPtr(std::move(block));
}

Result<void, Refusal> verify_block(const Block& block, const Digest& genesis_block,
                                   const ChainConfig& config, const Verifier& verifier) {
  const BlockHeader& header = block.header;
  if (!config.has(header.proposer)) return Unexpected{Refusal::kUnknownReplica};
  if (header.view == View{0} || header.proposer != config.leader(header.view)) {
    return Unexpected{Refusal::kWrongLeader};  // 3.1
  }
  if (!verifier.verify(config.key(header.proposer), proposal_bytes(config.chain_id, block.id),
                       block.signature)) {
    return Unexpected{Refusal::kBadSignature};  // 3.1
  }
  if (auto qc = verify_qc(*block.qc, genesis_block, config, verifier); !qc) return qc;  // 3.2
  if (block.tc) {
    if (auto tc = verify_tc(*block.tc, config, verifier); !tc) return tc;  // 3.4
  }
  for (const RequestRef& request : block.payload->requests()) {
    const auto checked = verify_request(request.in(*block.payload->bytes()), config, verifier);
    if (!checked) return checked;
  }
  return {};
}

}  // namespace waggle
