#pragma once

#include "consensus/core/interfaces.hpp"
#include "sim/checker/height_window.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// What a commit proof names is what was committed: the command stands in that block, or at that
/// place of the chain, and the two blocks that prove it are not on another branch.
class ProofSoundness final : public Property {
 public:
  /// The hasher must outlive the property.
  ProofSoundness(Stage& stage, const Hasher* hasher)
      : Property(stage, "proof_soundness"), hasher_(*hasher) {}

  void on_commit(ReplicaId replica, const smr::ExecutionJob& job) override;
  void on_proof(ReplicaId replica, const certificate::ProvenCommit& proven) override;

 private:
  struct Row {
    Digest block;
    std::uint64_t first = 0;  ///< Place of its first command in the chain.
    std::vector<Digest> leaves;
  };
  struct Pending {
    ReplicaId replica;
    certificate::ProvenCommit proven;
    Duration at;
  };
  void judge(const Pending& proof);
  const Row* row_of(std::uint64_t position, Height below) const;

  const Hasher& hasher_;
  HeightWindow<Row> rows_;
  std::uint64_t ordered_ = 0;
  std::vector<Pending> pending_;  ///< Of blocks that nobody has executed yet.
};

}  // namespace waggle::sim
