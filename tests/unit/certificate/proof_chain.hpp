#pragma once

#include <string>
#include <vector>

#include "smr/certificate/verify.hpp"
#include "smr/replica/prover.hpp"
#include "smr/replica/sessions.hpp"
#include "storage/memory_storage.hpp"
#include "tests/support/chain.hpp"

namespace waggle::testing {

/// A chain with the genesis file that founds it and with what one replica stores and holds of it:
/// enough to make proofs.
class ProofChain {
 public:
  explicit ProofChain(std::uint32_t n = 4, sim::Signatures signatures = sim::Signatures::kEd25519);

  /// A block on `parent` with a QC for it, of the view after it.
  BlockPtr fast(const BlockPtr& parent, std::vector<Bytes> requests = {});
  /// A block of a later view: its TC says where replicas 0, 1, ... stood.
  BlockPtr after_timeouts(std::uint64_t view, const BlockPtr& parent, const QcPtr& qc,
                          const std::vector<Tip>& tips, std::vector<Bytes> requests = {});
  QcPtr qc(const BlockPtr& block) const { return chain.qc(*block); }
  Bytes request(std::uint32_t client, std::uint64_t first,
                const std::vector<std::string>& commands) const {
    return chain.request(client, first, commands);
  }

  /// Committed and executed: the block above the last one.
  void commit(const BlockPtr& block);
  void commit(const std::vector<BlockPtr>& blocks) {
    for (const BlockPtr& block : blocks) commit(block);
  }
  /// In the core's tree.
  void hold(const BlockPtr& block, const QcPtr& certificate = nullptr);

  smr::Prover::Answer ask(std::uint32_t client, std::uint64_t number) const;
  /// A proof that must be there.
  certificate::CommitProof prove(std::uint32_t client, std::uint64_t number) const;
  Result<certificate::ProvenCommit, certificate::Fault> verify(
      const certificate::CommitProof& proof) const;
  Result<certificate::ProvenCommit, certificate::Fault> verify(ByteView encoded) const;

  Chain chain;
  std::string genesis_text;
  storage::MemoryStorage storage;
  smr::TreeBlocks tree;

 private:
  smr::Sessions sessions_;
  std::uint64_t ordered_ = 0;
};

/// A genesis file with these replicas.
std::string genesis_text_of(const std::vector<PublicKey>& replica_keys);

}  // namespace waggle::testing
