#pragma once

#include <vector>

#include "smr/median/pre_certificate.hpp"
#include "smr/median/sealing_guards.hpp"

namespace waggle::median {

/// One entry of the lock; `mark` is the newest window whose pre-certificate is known to cover it.
struct LockEntry {
  Handle handle;
  Window mark = 0;
  friend bool operator==(const LockEntry&, const LockEntry&) = default;
};

/// X of 8.0: what this server may no longer propose against; it goes on from the final prefix.
/// Marks never fall while an entry stays, and never rise along X.
class Lock {
 public:
  Lock() = default;
  explicit Lock(std::vector<LockEntry> entries) : entries_(std::move(entries)) {}

  const std::vector<LockEntry>& entries() const noexcept { return entries_; }
  Sequence sequence() const;

  /// Files PC(w, F + `certified`) by 8.3. `certified` is not empty. Returns whether it changed.
  bool file(Window w, SequenceView certified, const SealingGuards& guards);

  /// 8.5: F grows from `before` to `after`. What it covers leaves; if the rest does not go on from
  /// it, all of it does.
  void follow(const FinalPrefix& before, const FinalPrefix& after, const Hashing& hashing);

  bool holds_mark(Window w) const noexcept;
  friend bool operator==(const Lock&, const Lock&) = default;

 private:
  void append(SequenceView rest, Window w);

  std::vector<LockEntry> entries_;
};

}  // namespace waggle::median
