#pragma once

#include <map>
#include <optional>

#include "smr/median/lock.hpp"
#include "smr/median/seal.hpp"

namespace waggle::median {

/// What of sealing is durable before anything that depends on it is sent (8.0). Written as one, so
/// that the final prefix never lacks what it took from the lock.
struct SealingRecord {
  FinalPtr final = std::make_shared<const FinalPrefix>();
  Lock lock;
  PrePtr last_pre;                   ///< Nothing: none was ever signed.
  std::map<Window, Commit> commits;  ///< Own, the longest of each window; none before last_pre's.
  /// The longest known certificate of each window that a mark names or whose seal may yet come.
  std::map<Window, PreCertificatePtr> certificates;
  /// 8.7: memory was lost in this window or before; nothing is signed while it stands.
  std::optional<Window> rejoin;
};

/// What must hold of a record, and between a record and a later one, said in words of its own;
/// aborts with the facts (ENSURE). Holds only while every guard is on.
void check_record(const SealingRecord& record);
void check_change(const SealingRecord& before, const SealingRecord& after);

}  // namespace waggle::median
