#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ensure.hpp"
#include "consensus/core/ids.hpp"

namespace waggle {

/// Names the leader of every view; the same on all replicas. Pure.
class LeaderSchedule {
 public:
  virtual ~LeaderSchedule() = default;
  virtual ReplicaId leader(View view) const noexcept = 0;
  /// The longest run of views in a row that f faulty replicas can lead: depth D must reach it.
  virtual std::uint32_t longest_faulty_run(std::uint32_t f) const noexcept = 0;
};

/// leader(v) = v mod n.
class RoundRobin final : public LeaderSchedule {
 public:
  explicit RoundRobin(std::uint32_t n) : n_(n) { ENSURE(n > 0); }
  ReplicaId leader(View view) const noexcept override {
    return ReplicaId{static_cast<std::uint32_t>(view.value % n_)};
  }
  std::uint32_t longest_faulty_run(std::uint32_t f) const noexcept override { return f; }

 private:
  std::uint32_t n_;
};

/// Leaders as listed for views 1, 2, ..., over and over. For tests and simulations, where D is
/// chosen with the list.
class ListedLeaders final : public LeaderSchedule {
 public:
  explicit ListedLeaders(std::vector<std::uint32_t> leaders) : leaders_(std::move(leaders)) {
    ENSURE(!leaders_.empty());
  }
  ReplicaId leader(View view) const noexcept override {
    return ReplicaId{leaders_[(view.value + leaders_.size() - 1) % leaders_.size()]};
  }
  std::uint32_t longest_faulty_run(std::uint32_t f) const noexcept override { return f; }

 private:
  std::vector<std::uint32_t> leaders_;
};

/// Bounds that every replica must apply alike; values of the genesis file.
struct Limits {
  std::uint32_t payload_bytes_max = 1 << 20;    ///< Payload of one block, bytes.
  std::uint32_t request_bytes_max = 256 << 10;  ///< One signed request, bytes, encoding included.
  std::uint32_t commands_max = 1024;            ///< Commands in one request.
  std::uint32_t command_bytes_max = 64 << 10;   ///< One command, bytes.
};

/// Checks of certificates that a test may remove, to show that something then notices. Production
/// code never makes anything but CertificateGuards{}.
struct CertificateGuards {
  bool distinct_signers = true;  ///< Nobody is counted twice.
  bool full_tc = true;           ///< A TC has q timeouts, not q - 1.
  bool view_signed = true;       ///< A vote is for a view too, not only for a block.
  bool proof_precommit = true;   ///< Rule 5.2 holds for commit proofs too.
};

/// What all replicas of a chain agree on from the start: the content of the genesis file.
/// Immutable after construction; shared by all threads.
struct ChainConfig {
  Digest chain_id;                      ///< Hash of the genesis file's bytes.
  std::vector<PublicKey> replica_keys;  ///< Consensus keys; the index is the ReplicaId.
  std::shared_ptr<const LeaderSchedule> leaders;
  Limits limits;
  std::uint32_t depth_max = 1;        ///< D of rule 3.5: uncertified blocks that may carry payload.
  std::vector<ClientId> clients;      ///< Who may submit, sorted; empty: any key.
  std::uint32_t sessions_max = 1024;  ///< Client sessions kept; the least recently used goes first.
  CertificateGuards certificate_guards;

  std::uint32_t n() const noexcept { return static_cast<std::uint32_t>(replica_keys.size()); }
  std::uint32_t f() const noexcept { return (n() - 1) / 3; }
  /// Size of a quorum, n - f.
  std::uint32_t quorum() const noexcept { return n() - f(); }
  /// Timeouts in a TC: a quorum.
  std::uint32_t tc_quorum() const noexcept {
    return quorum() - (certificate_guards.full_tc ? 0 : 1);
  }
  bool has(ReplicaId id) const noexcept { return id.value < n(); }
  const PublicKey& key(ReplicaId id) const { return replica_keys.at(id.value); }
  ReplicaId leader(View view) const noexcept { return leaders->leader(view); }
};

}  // namespace waggle
