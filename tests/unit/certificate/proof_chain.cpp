#include "tests/unit/certificate/proof_chain.hpp"

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "smr/config/genesis.hpp"
#include "smr/replica/layout.hpp"

namespace waggle::testing {

std::string genesis_text_of(const std::vector<PublicKey>& replica_keys) {
  const std::size_t f = (replica_keys.size() - 1) / 3;
  std::string text =
      "[chain]\nname = \"proofs\"\nprotocol = \"pbeegees\"\ndigest = \"sha256\"\n"
      "[limits]\npayload_bytes_max = 1048576\nrequest_bytes_max = 262144\ncommands_max = 1024\n"
      "command_bytes_max = 65536\n"
      "[consensus]\nleader_schedule = \"round-robin\"\ndepth_max = " +
      std::to_string(std::max<std::size_t>(1, f)) +
      "\n[clients]\nallow = \"any\"\nsessions_max = 1024\n";
  for (const PublicKey& key : replica_keys) {
    text += "[[replica]]\nconsensus_key = \"" + to_hex(key.view()) + "\"\n";
  }
  return text;
}

ProofChain::ProofChain(std::uint32_t n, sim::Signatures signatures)
    : chain(n, {}, signatures),
      genesis_text(genesis_text_of(chain.config.replica_keys)),
      sessions_(1024, chain.hasher) {
  const auto genesis = config::parse_genesis(genesis_text, "genesis.toml", crypto::Sha256Hasher());
  ENSURE(genesis.has_value(), "the sample genesis parses");
  chain.found(*genesis->chain);
}

BlockPtr ProofChain::fast(const BlockPtr& parent, std::vector<Bytes> requests) {
  return chain.block({.view = parent->view().value + 1,
                      .parent = parent,
                      .qc = qc(parent),
                      .requests = std::move(requests)});
}

BlockPtr ProofChain::after_timeouts(std::uint64_t view, const BlockPtr& parent, const QcPtr& qc,
                                    const std::vector<Tip>& tips, std::vector<Bytes> requests) {
  std::vector<TimeoutOf> timeouts;
  for (std::uint32_t i = 0; i < chain.config.quorum(); ++i) {
    timeouts.push_back({i, tips.at(std::min<std::size_t>(i, tips.size() - 1))});
  }
  return chain.block({.view = view,
                      .parent = parent,
                      .qc = qc,
                      .tc = chain.tc(view - 1, timeouts),
                      .requests = std::move(requests)});
}

void ProofChain::commit(const BlockPtr& block) {
  std::vector<smr::Decision> decisions;
  for (const RequestRef& request : block->payload->requests()) {
    for (std::uint64_t number = request.first; number <= request.last(); ++number) {
      decisions.push_back(sessions_.admit(request.client, number));
    }
  }
  ordered_ += decisions.size();
  storage::Batch batch;
  smr::layout::put_block(batch, chain.chained(block));
  smr::index_block(batch, *block, decisions, ordered_);
  ENSURE(storage.write(batch, true).has_value());
}

void ProofChain::hold(const BlockPtr& block, const QcPtr& certificate) {
  tree.items.push_back({chain.chained(block), certificate});
}

smr::Prover::Answer ProofChain::ask(std::uint32_t client, std::uint64_t number) const {
  smr::Prover prover(storage, tree, chain.config, chain.hasher);
  return prover.prove(chain.client(client).public_key(), number).value();
}

certificate::CommitProof ProofChain::prove(std::uint32_t client, std::uint64_t number) const {
  return ask(client, number).value();
}

Result<certificate::ProvenCommit, certificate::Fault> ProofChain::verify(
    const certificate::CommitProof& proof) const {
  return certificate::verify(proof, chain.config, chain.ring, chain.hasher);
}

Result<certificate::ProvenCommit, certificate::Fault> ProofChain::verify(ByteView encoded) const {
  return certificate::verify(encoded, chain.config, chain.ring, chain.hasher);
}

}  // namespace waggle::testing
