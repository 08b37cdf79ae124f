#pragma once

#include "sim/checker/property.hpp"

namespace waggle::sim {

/// No queue of a replica grows beyond these.
struct UsageMax {
  std::size_t blocks = 4096;
  std::size_t log_entries = 16'384;
  std::size_t mempool_requests = 10'000;
  std::size_t mempool_bytes = 64 << 20;
  std::size_t unwritten = 4096;
  std::size_t unexecuted = 2048;
};

class Bounds final : public Property {
 public:
  explicit Bounds(Stage& stage, UsageMax max = {}) : Property(stage, "bounds"), max_(max) {}

  void on_usage(ReplicaId replica, const Usage& usage) override;
  /// The highest that was seen of each, over all replicas.
  const Usage& highest() const noexcept { return highest_; }

 private:
  const UsageMax max_;
  Usage highest_;
};

}  // namespace waggle::sim
