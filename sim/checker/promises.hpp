#pragma once

#include <map>

#include "sim/checker/property.hpp"

namespace waggle::sim {

/// What a server of the median rule has signed it stands by, across all restarts and lost disks
/// (docs/spec/median-smr.md, 8): one PRE in a window, in rising windows; no COMMIT of a window
/// after a PRE of a later one; in a window COMMITs get longer.
class Promises final : public Property {
 public:
  explicit Promises(Stage& stage) : Property(stage, "durability"), servers_(stage.n) {}

  void on_said(ReplicaId server, const median::Message& message) override;

  /// PREs and COMMITs that were sent, repetitions not counted.
  std::uint64_t news() const noexcept { return news_; }

 private:
  struct SignedPre {
    Signature signature;
    Duration at;
  };
  struct SignedCommit {
    median::Commit commit;
    Duration at;
  };
  struct Seen {
    std::map<median::Window, SignedPre> pres;
    std::map<median::Window, std::vector<SignedCommit>> commits;
  };
  void take_pre(ReplicaId server, median::Window window, const Signature& signature);
  void take_commit(ReplicaId server, const median::Commit& commit);

  std::vector<Seen> servers_;
  std::uint64_t news_ = 0;
};

}  // namespace waggle::sim
