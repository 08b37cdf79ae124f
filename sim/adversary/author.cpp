#include "sim/adversary/author.hpp"

#include <algorithm>

namespace waggle::sim {

Author::Author(const AdversarySetup& setup)
    : setup_(setup), genesis_(make_genesis(setup.chain, setup.hasher)) {}

chained::Vote Author::vote(View view, const Digest& block) const {
  return {view, block, setup_.self, setup_.signer.sign(vote_bytes(setup_.chain, view, block))};
}

Timeout Author::timeout(View view, const Tip& tip) const {
  Timeout timeout;
  timeout.view = view;
  timeout.sender = setup_.self;
  timeout.high_qc = genesis_->qc->ref();
  retip(timeout, tip);
  return timeout;
}

void Author::retip(Timeout& timeout, const Tip& tip) const {
  timeout.tip = tip;
  timeout.tip_vote.reset();
  timeout.signature = setup_.signer.sign(timeout_bytes(setup_.chain.chain_id, timeout.view, tip));
}

TcPtr Author::tc(View view, std::vector<Timeout> timeouts) const {
  return std::make_shared<const TimeoutCert>(make_timeout_cert(view, std::move(timeouts)));
}

BlockPtr Author::block(const Draft& draft) const {
  Block block;
  block.qc = draft.qc;
  block.tc = draft.tc;
  block.payload = draft.payload ? draft.payload : Payload::empty(setup_.hasher);
  BlockHeader& header = block.header;
  header.view = draft.view;
  header.height = draft.parent->height().next();
  header.proposer = setup_.self;
  header.parent = draft.parent->id;
  header.qc = block.qc->ref();
  header.qc_digest = qc_digest(*block.qc, setup_.hasher);
  if (block.tc) header.tc_digest = tc_digest(*block.tc, setup_.hasher);
  header.history_root = draft.history.root(setup_.hasher);
  return signed_block(std::move(block));
}

BlockPtr Author::with_payload(const Block& block, PayloadPtr payload) const {
  Block twin = block;
  twin.payload = std::move(payload);
  return signed_block(std::move(twin));
}

BlockPtr Author::signed_block(Block block) const {
  block.header.payload_root = block.payload->root();
  block.id = block_id(block.header, setup_.chain.chain_id, setup_.hasher);
  block.signature = setup_.signer.sign(proposal_bytes(setup_.chain.chain_id, block.id));
  return std::make_shared<const Block>(std::move(block));
}

PayloadPtr Author::copies(const PayloadPtr& payload, std::size_t count) const {
  const PayloadPtr none = Payload::empty(setup_.hasher);
  if (count == 0 || !payload || payload->is_empty()) return none;
  const ByteView request = payload->requests().front().in(*payload->bytes());
  const std::size_t most = setup_.chain.limits.payload_bytes_max / (request.size() + 4);
  Bytes bytes;
  for (std::size_t i = 0; i < std::min(count, most); ++i) append_to_payload(bytes, request);
  auto parsed = Payload::parse(std::make_shared<const Bytes>(std::move(bytes)), setup_.chain.limits,
                               setup_.hasher);
  return parsed ? *parsed : none;
}

Digest Author::random_digest(Random& rng) const {
  Digest digest;
  for (std::uint8_t& byte : digest.bytes) byte = static_cast<std::uint8_t>(rng.next());
  return digest;
}

}  // namespace waggle::sim
