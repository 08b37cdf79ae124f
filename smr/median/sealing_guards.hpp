#pragma once

namespace waggle::median {

/// Every rule of sealing that a test may remove, to show that something then breaks
/// (docs/spec/median-smr.md, section 8). Production code never makes anything but SealingGuards{}.
struct SealingGuards {
  bool lock = true;            ///< 8.3: pre-certificates are filed at all.
  bool marks = true;           ///< 8.3a: a newer certificate raises the marks of what it covers.
  bool newer_replaces = true;  ///< 8.3c: only a newer certificate cuts the lock.
  bool lock_not_shortened = true;   ///< 8.3: a certificate of a prefix takes nothing away.
  bool one_pre_per_window = true;   ///< 8.2.
  bool no_commit_after_pre = true;  ///< 8.4: no COMMIT of a window before that of the last PRE.
  bool second_step = true;          ///< 8.5: a pre-certificate alone seals nothing.
  bool windows_apart = true;        ///< 8.5: COMMITs of different windows are not added up.
  bool full_majority = true;        ///< More than n/2, not n/2.
  bool restart_keeps_pre = true;    ///< 8.0: the window of the last PRE is durable.
  bool restart_keeps_lock = true;   ///< 8.0: the lock is durable.
  bool rejoin_waits = true;         ///< 8.7: without memory nothing is signed until others told.

  friend bool operator==(const SealingGuards&, const SealingGuards&) = default;
};

}  // namespace waggle::median
