#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/rounds/blockers.hpp"
#include "smr/median/values.hpp"

namespace waggle::sim::rounds {

/// Which rule for single values servers run.
enum class ValueRule : std::uint8_t { kMedian, kPriority, kGossip };

struct ValueOptions {
  median::Parameters parameters;
  ValueRule rule = ValueRule::kMedian;
  std::uint64_t seed = 1;
  Share useful = permille(1000);  ///< Of the servers that hold a value at the start.
  std::uint64_t values = 2;       ///< Different ones at the start, drawn uniformly from 0 on.
};

/// Servers with single values in synchronous rounds, as arrays: 65,536 of them and more.
class ValueWorld {
 public:
  ValueWorld(const ValueOptions& options, std::unique_ptr<Blocker> blocker);

  void round();

  Round rounds() const noexcept { return round_; }
  /// Not blocked in the last round and holding a value after it.
  std::uint32_t useful() const noexcept { return useful_; }
  std::uint32_t blocked() const noexcept { return blocked_; }
  /// Different values that servers hold.
  std::uint32_t distinct() const;

 private:
  ValueOptions options_;
  std::unique_ptr<Blocker> blocker_;
  Random random_;
  Random adversary_;
  Round round_ = 0;
  std::vector<median::Value> values_;
  std::vector<median::Value> next_values_;
  std::vector<std::uint8_t> holds_;
  std::vector<std::uint8_t> next_holds_;
  std::vector<std::uint32_t> answered_;
  std::vector<std::uint32_t> targets_;
  std::vector<median::Value> replies_;
  Blocking blocking_;
  std::uint32_t useful_ = 0;
  std::uint32_t blocked_ = 0;
};

}  // namespace waggle::sim::rounds
