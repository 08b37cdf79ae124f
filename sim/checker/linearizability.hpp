#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "smr/app/kv_command.hpp"

/// Is there one order of the operations on a key that explains all answers and in which nothing
/// happens before it was asked for or after it was answered? The search is the just-in-time
/// linearization of Wing, Gong and Lowe: an operation is put in order only when its answer forces
/// it, together with what must come before it.
namespace waggle::sim {

/// The value of a key; nothing: there is none.
using KvState = std::optional<Bytes>;

/// One operation on one key. Times are positions in the history; all are different.
struct KvOperation {
  app::KvCommand command;  ///< Any but a scan.
  std::uint64_t asked = 0;
  /// Nothing: never answered, so it may have happened at any time after it was asked, or not.
  std::optional<std::uint64_t> answered;
  app::KvResult result;  ///< Of what was answered.
};

struct Linearization {
  enum class Verdict : std::uint8_t { kYes, kNo, kUnknown };
  Verdict verdict = Verdict::kYes;
  /// What the key may hold afterwards. Of kYes only.
  std::set<KvState> states;
  /// The operation whose answer no order explains. Of kNo only.
  std::size_t blamed = 0;
};

/// `before`: what the key may hold at first. Gives up (kUnknown) rather than look at more than
/// `configurations_max` partial orders at one answer.
Linearization linearize(const std::vector<KvOperation>& history, const std::set<KvState>& before,
                        std::size_t configurations_max);

}  // namespace waggle::sim
