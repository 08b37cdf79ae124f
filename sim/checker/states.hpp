#pragma once

#include "sim/checker/height_window.hpp"
#include "sim/checker/property.hpp"

namespace waggle::sim {

/// Honest replicas have equal states, sessions included, at equal heights.
class States final : public Property {
 public:
  explicit States(Stage& stage) : Property(stage, "state") {}

  void on_executed(ReplicaId replica, const smr::Executed& position) override;
  void on_restarted(ReplicaId replica, const smr::Executed& position) override {
    if (position.height > Height{0}) on_executed(replica, position);
  }

 private:
  struct Entry {
    Digest digest;
    ReplicaId by;
    Duration at;
  };
  HeightWindow<Entry> states_;
};

}  // namespace waggle::sim
