#include "tests/support/chain.hpp"

#include <numeric>

#include "consensus/core/domain.hpp"

namespace waggle::testing {

using chained::Message;

ReplicaId ScriptedSchedule::leader(View view) const noexcept {
  const std::uint64_t index = view.value - 1;
  if (view.value > 0 && index < leaders_.size()) return ReplicaId{leaders_[index]};
  return ReplicaId{static_cast<std::uint32_t>(view.value % n_)};
}

Chain::Chain(std::uint32_t n, std::vector<std::uint32_t> leaders, sim::Signatures signatures)
    : crypto_(sim::CryptoSuite::make(signatures)),
      hasher(crypto_->hasher()),
      ring(crypto_->verifier()) {
  config.chain_id = hasher.hash({domain::kChain, as_bytes("a chain for tests")});
  for (std::uint32_t i = 0; i < n; ++i) {
    signers_.push_back(crypto_->make_signer(i));
    config.replica_keys.push_back(signers_.back()->public_key());
  }
  for (std::uint32_t i = 0; i < kClients; ++i) {
    clients_.push_back(crypto_->make_signer(1'000'000 + i));
  }
  if (leaders.empty()) {
    config.leaders = std::make_shared<const RoundRobin>(n);
  } else {
    config.leaders = std::make_shared<const ScriptedSchedule>(n, std::move(leaders));
  }
  config.depth_max = std::max(1U, config.f());
  found(config);
}

void Chain::found(const ChainConfig& genesis_config) {
  ENSURE(before_.size() <= 1 && genesis_config.replica_keys == config.replica_keys);
  config = genesis_config;
  genesis = make_genesis(config, hasher);
  before_.clear();
  before_.emplace(genesis->id, Forest{});
}

Bytes Chain::request(const std::string& command) const {
  // The number only has to differ between commands; sessions do not matter here.
  const Digest hashed = hasher.hash({as_bytes(command)});
  const std::uint64_t number = 1 + (Reader(hashed.view()).u64() >> 1);
  const std::vector<Bytes> commands = {to_bytes(command)};
  return make_request(config.chain_id, client(0), number, commands);
}

Bytes Chain::request(std::uint32_t index, std::uint64_t first,
                     const std::vector<std::string>& commands) const {
  std::vector<Bytes> encoded;
  for (const std::string& command : commands) encoded.push_back(to_bytes(command));
  return make_request(config.chain_id, client(index), first, encoded);
}

PayloadPtr Chain::payload(const std::vector<std::string>& commands,
                          const std::vector<Bytes>& requests) const {
  Bytes bytes;
  for (const std::string& command : commands) append_to_payload(bytes, request(command));
  for (const Bytes& raw : requests) append_to_payload(bytes, raw);
  const auto shared = std::make_shared<const Bytes>(std::move(bytes));
  return *Payload::parse(shared, config.limits, hasher);
}

Signature Chain::vote_signature(std::uint32_t replica, View view, const Digest& block) const {
  return signer(replica).sign(vote_bytes(config, view, block));
}

QcPtr Chain::qc(const Block& block, const std::vector<std::uint32_t>& signers) const {
  if (block.view() == View{0}) return block.qc;
  QuorumCert qc{block.view(), block.id, {}};
  for (const std::uint32_t replica : signers) {
    qc.signatures.push_back({ReplicaId{replica}, vote_signature(replica, qc.view, qc.block)});
  }
  return std::make_shared<const QuorumCert>(std::move(qc));
}

QcPtr Chain::qc(const Block& block) const {
  std::vector<std::uint32_t> signers(config.quorum());
  std::iota(signers.begin(), signers.end(), 0U);
  return qc(block, signers);
}

Timeout Chain::timeout(std::uint32_t replica, std::uint64_t view, const Tip& tip) const {
  Timeout made;
  made.view = View{view};
  made.sender = ReplicaId{replica};
  made.tip = tip;
  made.signature = signer(replica).sign(timeout_bytes(config.chain_id, made.view, tip));
  made.high_qc = genesis->qc->ref();
  return made;
}

TcPtr Chain::tc(std::uint64_t view, const std::vector<TimeoutOf>& timeouts) const {
  std::vector<Timeout> made;
  for (const TimeoutOf& one : timeouts) made.push_back(timeout(one.replica, view, one.tip));
  return std::make_shared<const TimeoutCert>(make_timeout_cert(View{view}, std::move(made)));
}

BlockPtr Chain::block(const BlockParts& parts) {
  auto made = std::make_shared<Block>();
  made->qc = parts.qc ? parts.qc : qc(*parts.parent);
  made->tc = parts.tc;
  made->payload = payload(parts.commands, parts.requests);
  BlockHeader& header = made->header;
  header.view = View{parts.view};
  header.height = parts.parent->height().next();
  header.proposer = config.leader(header.view);
  header.parent = parts.parent->id;
  Forest history = before(parts.parent->id);
  history.append(parts.parent->payload->leaves(), hasher);
  header.history_root = history.root(hasher);
  BlockPtr block = sealed(std::move(made));
  before_.emplace(block->id, std::move(history));
  return block;
}

BlockPtr Chain::sealed(std::shared_ptr<Block> block) const {
  BlockHeader& header = block->header;
  header.qc = block->qc->ref();
  header.qc_digest = qc_digest(*block->qc, hasher);
  header.tc_digest.reset();
  if (block->tc) header.tc_digest = tc_digest(*block->tc, hasher);
  header.payload_root = block->payload->root();
  block->id = block_id(header, config.chain_id, hasher);
  block->signature = signer(header.proposer.value).sign(proposal_bytes(config.chain_id, block->id));
  return block;
}

Message Chain::vote(std::uint32_t replica, const Block& block) const {
  return signed_by(replica, chained::Vote{block.view(), block.id, ReplicaId{replica}, {}});
}

Result<Verified<Message>, Refusal> Chain::validate(Message message, std::uint32_t from) const {
  return chained::validate(std::move(message), ReplicaId{from}, genesis->id, config, ring, hasher);
}

}  // namespace waggle::testing
