#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/core/chain_config.hpp"

namespace waggle::smr {

/// Compares the digests of replicas' states at equal heights. With more that differ from ours than
/// are tolerated our state is wrong, or execution is not deterministic.
class StateWatch {
 public:
  /// Our own digests that are kept for comparison, one per height.
  static constexpr std::size_t kKept = 4096;

  /// Tolerates f: of more that differ one is honest.
  explicit StateWatch(const ChainConfig& config) : StateWatch(config, config.f()) {}
  StateWatch(const ChainConfig& config, std::uint32_t tolerated)
      : tolerated_(tolerated), reported_(config.n()) {}

  void on_own(Height height, const Digest& digest);
  /// The latest report of every peer is kept until we get to its height.
  void on_report(ReplicaId from, Height height, const Digest& digest);

  /// Peers whose state differs from ours at some height.
  const std::set<ReplicaId>& differing() const noexcept { return differing_; }
  /// More than are tolerated.
  bool diverged() const noexcept { return differing_.size() > tolerated_; }

 private:
  struct Report {
    Height height;
    Digest digest;
  };
  void compare(ReplicaId peer);

  const std::uint32_t tolerated_;
  std::map<Height, Digest> own_;
  std::vector<std::optional<Report>> reported_;
  std::set<ReplicaId> differing_;
};

}  // namespace waggle::smr
