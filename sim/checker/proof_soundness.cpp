#include "sim/checker/proof_soundness.hpp"

#include <utility>

namespace waggle::sim {

using certificate::Inclusion;
using certificate::ProvenCommit;

void ProofSoundness::on_commit(ReplicaId, const smr::ExecutionJob& job) {
  if (job.block->height() != rows_.end()) return;  // that replicas agree is not judged here
  const auto& leaves = job.block->payload->leaves();
  rows_.append({job.block->id, ordered_, leaves});
  ordered_ += leaves.size();
  rows_.forget_up_to(stage_.forgotten);
  for (const Pending& proof : std::exchange(pending_, {})) judge(proof);
}

void ProofSoundness::on_proof(ReplicaId replica, const ProvenCommit& proven) {
  judge({replica, proven, now()});
}

/// The block that holds a place of the chain, if it is remembered.
const ProofSoundness::Row* ProofSoundness::row_of(std::uint64_t position, Height below) const {
  const Row* found = nullptr;
  for (std::uint64_t height = below.value; height-- > 1 && found == nullptr;) {
    const Row* row = rows_.find(Height{height});
    if (row == nullptr || row->first + row->leaves.size() <= position) return nullptr;
    if (row->first <= position) found = row;
  }
  return found;
}

void ProofSoundness::judge(const Pending& proof) {
  const auto& [replica, proven, at] = proof;
  if (proven.committed.height >= rows_.end()) {
    pending_.push_back(proof);  // a commit may still wait behind a barrier
    return;
  }
  if (proven.block.height <= stage_.forgotten) return;
  const std::string claim = told(replica) + " proves " + told(at) + " command " +
                            std::to_string(proven.number) + " of client " +
                            short_hex(proven.client) + ", ";
  const Row* block = rows_.find(proven.block.height);
  const Row* committed = rows_.find(proven.committed.height);
  if (block == nullptr || committed == nullptr) return;  // forgotten
  if (block->block != proven.block.id || committed->block != proven.committed.id) {
    return fail(claim + "with a block at " + told(proven.block.height) + " that was not committed");
  }
  const bool history = proven.inclusion == Inclusion::kHistory;
  const Row* home = history ? row_of(proven.position, proven.block.height) : block;
  if (home == nullptr) return;  // forgotten
  const std::uint64_t index = history ? proven.position - home->first : proven.position;
  const Digest leaf = command_leaf(proven.client, proven.number, proven.command, hasher_);
  if (index >= home->leaves.size() || home->leaves[index] != leaf) {
    fail(claim + "which does not stand at the place that the proof names");
  }
}

}  // namespace waggle::sim
