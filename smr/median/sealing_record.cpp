#include "smr/median/sealing_record.hpp"

#include "consensus/core/ensure.hpp"

namespace waggle::median {

void check_record(const SealingRecord& record) {
  const std::vector<LockEntry>& lock = record.lock.entries();
  for (std::size_t i = 1; i < lock.size(); ++i) {
    ENSURE(lock[i].mark <= lock[i - 1].mark, "marks rise along the lock");
  }
  for (const LockEntry& entry : lock) {
    ENSURE(record.certificates.contains(entry.mark), "a mark without its certificate");
  }
  for (const auto& [window, commit] : record.commits) {
    ENSURE(!record.last_pre || window >= record.last_pre->window, "COMMIT before the last PRE");
    ENSURE(commit.window == window);
  }
  const FinalPrefix& final = *record.final;
  ENSURE(final.chains.count() == final.length);
  ENSURE((final.length == 0) == (final.seal == nullptr), "final without a seal");
  ENSURE(!final.seal || final.seal->length() == final.length);
}

void check_change(const SealingRecord& before, const SealingRecord& after) {
  ENSURE(after.final->length >= before.final->length, "the final prefix shrank");
  if (before.last_pre) {
    ENSURE(after.last_pre && after.last_pre->window >= before.last_pre->window,
           "a PRE was forgotten");
    ENSURE(after.last_pre == before.last_pre || after.last_pre->window > before.last_pre->window,
           "two PREs in one window");
  }
  for (const auto& [window, commit] : before.commits) {
    const auto found = after.commits.find(window);
    ENSURE(found == after.commits.end() || found->second.length >= commit.length,
           "a COMMIT got shorter");
  }
  if (after.final->length != before.final->length) return;
  const auto& old_lock = before.lock.entries();
  const auto& new_lock = after.lock.entries();
  for (std::size_t i = 0; i < old_lock.size(); ++i) {
    ENSURE(i < new_lock.size(), "the lock got shorter");
    if (new_lock[i].handle != old_lock[i].handle) {  // cut here, by a newer certificate
      ENSURE(new_lock[i].mark > old_lock[i].mark, "an older certificate cut the lock");
      break;
    }
    ENSURE(new_lock[i].mark >= old_lock[i].mark, "a mark fell");
  }
}

}  // namespace waggle::median
