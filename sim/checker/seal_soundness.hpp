#pragma once

#include <map>
#include <vector>

#include "consensus/core/interfaces.hpp"
#include "sim/checker/property.hpp"
#include "smr/certificate/proof.hpp"

namespace waggle::sim {

/// Whatever COMMITs of more than half of the servers seal, as an outsider counts them, is what was
/// executed: the shortest of them names the roots of that sequence. And a proof that verifies names
/// a command that executed, at its place.
class SealSoundness final : public Property {
 public:
  /// The hasher must outlive the property.
  SealSoundness(Stage& stage, const Hasher* hasher)
      : Property(stage, "proof_soundness"), hasher_(*hasher) {}

  void on_said(ReplicaId server, const median::Message& message) override;
  void on_sealed(ReplicaId server, std::span<const median::Sealed> entries,
                 const smr::Executed& after) override;
  void on_seal_proof(ReplicaId server, const certificate::ProvenSeal& proven) override;

  /// Leaves of the sequence as executed.
  std::uint64_t count() const { return levels_.empty() ? 0 : levels_.front().size(); }
  /// The path of a leaf in the forest of so many; position < length <= count().
  certificate::ForestPath path(std::uint64_t position, std::uint64_t length) const;

 private:
  struct Sealed {
    Digest root;
    median::Window window = 0;
    Duration at;
  };
  void append(const Digest& leaf);
  Forest forest(std::uint64_t length) const;
  void judge(std::uint64_t length, const Sealed& sealed);

  const Hasher& hasher_;
  /// Nodes by level and index there; level 0 holds the leaves.
  std::vector<std::vector<Digest>> levels_;
  std::map<median::Window, std::map<ReplicaId, median::Commit>> commits_;
  std::multimap<std::uint64_t, Sealed> pending_;  ///< By length, beyond what was executed.
};

}  // namespace waggle::sim
