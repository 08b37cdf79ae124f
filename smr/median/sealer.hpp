#pragma once

#include <functional>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "consensus/core/protocol_core.hpp"
#include "smr/median/sealing_record.hpp"

namespace waggle::median {

/// What servers sign.
using SealingMessage = std::variant<PrePtr, Commit>;

/// The next entry of the final prefix; entries come in order, without gaps. It is final and
/// durable when this is performed, so that its client may be told.
struct Execute {
  std::uint64_t position = 0;  ///< Of the entry, from 0 on.
  Handle handle;
  bool applies = false;  ///< Off: a null entry, or a number that is not its client's next.
};
/// The final prefix was taken over from another server; the state has to come from there too.
struct FinalAdopted {
  FinalPtr final;
};
/// A pre-certificate of a window after the final prefix's seal leaves the final prefix (8.6):
/// more failed than the model allows, or there is a bug. To be reported.
struct FinalConflict {
  Window window = 0;
};
using SealingEffect = std::variant<Persist<SealingRecord>, Broadcast<SealingMessage>, Execute,
                                   FinalAdopted, FinalConflict>;
using SealingEffects = std::vector<SealingEffect>;

/// What a server tells those that ask it (8.6).
struct Spread {
  FinalPtr final;
  std::vector<PreCertificatePtr> certificates;
  std::vector<PrePtr> pres;
  std::vector<Commit> commits;
};

/// Sealing, rules 8.0 and 8.2 to 8.6: a function from verified messages and boundaries to effects,
/// which are performed in order; nothing behind a Persist leaves the process before that record is
/// durable. What it broadcasts comes back to it as a message. It never sees stamps, rounds or logs.
class Sealer {
 public:
  struct Setup {
    ReplicaId self;
    std::uint32_t n = 0;
    Hashing hashing;
    SealingGuards guards;
    /// Whether the entry's command is here. Nothing is filed, committed or sealed beyond the first
    /// one that is not (decision u); null: all are.
    std::function<bool(Handle)> holds;

    std::uint32_t quorum() const noexcept { return guards.full_majority ? n / 2 + 1 : (n + 1) / 2; }
  };

  /// Starts with what was durable when the server stopped; a new one with SealingRecord{}.
  Sealer(const Setup& setup, SealingRecord recovered);

  /// 8.2: window `w` begins; `aged` are the old enough entries of the log behind the lock.
  void boundary(Window w, SequenceView aged, SealingEffects& out);
  void on_pre(const PrePtr& pre, SealingEffects& out);
  void on_certificate(const PreCertificatePtr& certificate, SealingEffects& out);
  void on_commit(const Commit& commit, SealingEffects& out);
  /// 8.5, 8.6: a longer final prefix is taken over, with its seal.
  void on_final(const FinalPtr& final, SealingEffects& out);
  void on_spread(const Spread& spread, SealingEffects& out);
  /// 8.6: `entries` go on from the final prefix and are sealed up to their end, elsewhere.
  void on_sealed(SequenceView entries, const SealPtr& seal, SealingEffects& out);
  /// Commands have come that were missing, or the final prefix grew: files anew what is known.
  void retry(SealingEffects& out);

  /// 8.7: memory was lost in window `w` or before. From now on nothing is signed, until enough
  /// others have told what it may have promised.
  void rejoin(Window w, SealingEffects& out);
  /// 8.7: the final prefix and all certificates of the lock of `from` are known here, as they were
  /// after it had signed a PRE of window `last_pre`.
  void heard(ReplicaId from, Window last_pre);
  /// 8.6: sends the PRE and the COMMITs of its window once more.
  void resend(SealingEffects& out) const;

  Spread spread() const;
  /// The newest window of which anything is known; 0 at first.
  Window newest() const noexcept { return newest_; }
  /// The known PREs of a window, by server; null if there are none.
  const std::map<ReplicaId, PrePtr>* pres_of(Window w) const;
  std::vector<Commit> commits_of(Window w) const { return tally_.of(w); }
  /// Whether every command that it certifies beyond the final prefix is here.
  bool holds_all_of(const PreCertificate& certificate) const;
  const SealingRecord& record() const noexcept { return record_; }
  const FinalPrefix& final() const noexcept { return *record_.final; }
  const Lock& lock() const noexcept { return record_.lock; }

 private:
  /// Windows of which PREs and COMMITs are kept, counted from the newest: a seal may come late.
  static constexpr Window kWindowsKept = 4;

  /// What a certificate certifies beyond a final prefix: asked often, and slow to find.
  struct Certified {
    PreCertificatePtr certificate;
    Digest final;  ///< The prefix's chain digest.
    PreCertificate::Longest longest;
  };

  bool rejoined(Window w) const;
  SequenceView available(SequenceView entries) const;
  bool note(const PrePtr& pre);
  bool note(const Commit& commit);
  void certify(Window w, SealingEffects& out);
  void file(const PreCertificatePtr& certificate, SealingEffects& out);
  std::optional<Commit> try_commit(Window w, SequenceView certified);
  void try_seal(Window w, SealingEffects& out);
  void seal(SequenceView entries, const SealPtr& seal, SealingEffects& out);
  void finalize(FinalPtr next);
  void keep(const PreCertificatePtr& certificate, const PreCertificate::Longest& longest);
  const PreCertificate::Longest& certified_by(const PreCertificatePtr& kept);
  void see_window(Window w);
  void forget();
  void persist(SealingEffects& out);

  Setup setup_;
  SealingRecord record_;
  std::map<Window, std::map<ReplicaId, PrePtr>> pres_;
  CommitTally tally_;
  Window newest_ = 0;
  SealingRecord checked_;
  std::map<Window, Certified> certified_;  ///< Of certificates that are kept.
  std::set<ReplicaId> heard_;              ///< 8.7.
};

}  // namespace waggle::median
