#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/crypto/symbolic.hpp"
#include "smr/median/sealer.hpp"
#include "tests/spec/median_letters.hpp"

namespace waggle::median {

/// Judges sealing by what was signed and executed: the sequences that servers made final, and
/// those that any window's COMMITs sealed, whether somebody noticed or not, must all lie on one
/// line. Knows messages, not rules.
class SealingChecker {
 public:
  explicit SealingChecker(std::uint32_t n) : majority_(n / 2 + 1) {}

  void on_pre(Window w, const Sequence& d) { pres_[w].push_back(d); }
  void on_commit(const Commit& commit) {
    std::uint64_t& length = commits_[commit.window][commit.server.value];
    length = std::max(length, commit.length);
  }
  /// What some server made final; an empty text as long as all agree.
  void on_final(const Sequence& sequence) { join(sequence); }
  /// Adds what was sealed without being noticed, then says whether there were two lines.
  bool agreement();

 private:
  void join(const Sequence& sequence);

  std::uint32_t majority_;
  std::map<Window, std::vector<Sequence>> pres_;
  std::map<Window, std::map<std::uint32_t, std::uint64_t>> commits_;
  Sequence longest_;
  bool agreed_ = true;
};

/// Some sealers and all that they ever signed; nothing is delivered but by hand. Sequences are
/// written as letters; a repeated letter is that client's next command. Servers are s1, s2, ...
class SealingTable {
 public:
  SealingTable(std::uint32_t n, const SealingGuards& guards = {});

  /// Server `i` signs PRE(w, d); false if it refuses, or if d does not go on from F and lock.
  bool pre(std::uint32_t i, Window w, std::string_view d);
  /// The same with a tail that goes on from what F and lock demand, whatever that is.
  bool pre_tail(std::uint32_t i, Window w, std::string_view tail);
  /// A certificate of the PREs that these servers signed in window w.
  PreCertificatePtr certificate(Window w, const std::vector<std::uint32_t>& servers) const;
  /// Server `i` learns it; the length of the COMMIT of that window that it signed, or 0.
  std::uint64_t learn(std::uint32_t i, const PreCertificatePtr& certificate);
  std::uint64_t learn(std::uint32_t i, Window w, const std::vector<std::uint32_t>& servers) {
    return learn(i, certificate(w, servers));
  }
  /// Server `i` hears all PREs of window w.
  void hear_pres(std::uint32_t i, Window w);
  /// Server `i` hears all COMMITs of window w.
  void hear_commits(std::uint32_t i, Window w);
  void hear_commit(std::uint32_t i, const Commit& commit);
  /// Server `i` gets what server `j` spreads.
  void spread(std::uint32_t j, std::uint32_t i);
  /// Server `i` loses all that is not durable.
  void restart(std::uint32_t i);
  /// Server `i` loses what is durable, too, in window `w` (8.7).
  void lose_memory(std::uint32_t i, Window w);
  /// Server `i` gets what server `j` spreads, and counts it for 8.7.
  void tell(std::uint32_t j, std::uint32_t i);

  const Sealer& server(std::uint32_t i) const { return servers_.at(i - 1); }
  std::string final_text(std::uint32_t i) const {
    return text(finals_.at(server(i).final().chain));
  }
  std::string lock_text(std::uint32_t i) const { return text(server(i).lock().sequence()); }
  std::vector<Window> marks(std::uint32_t i) const;
  std::string text(const Sequence& sequence) const;
  Sequence sequence(std::string_view letters) { return continued({}, letters); }

  const std::vector<Commit>& commits(Window w) { return commits_[w]; }
  std::vector<std::uint32_t> signers(Window w) const;
  SealingChecker& checker() { return checker_; }
  const SealingEffects& last_effects() const { return effects_; }
  std::uint32_t n() const { return static_cast<std::uint32_t>(servers_.size()); }
  std::uint32_t quorum() const { return setup_.quorum(); }

 private:
  Sequence continued(const Sequence& base, std::string_view letters);
  Sequence base_of(std::uint32_t i) const;
  void perform(std::uint32_t i);

  Letters letters_;
  sim::SymbolicHasher hasher_;
  Sealer::Setup setup_;
  std::vector<Sealer> servers_;
  std::vector<SealingRecord> durable_;
  std::map<Window, std::map<std::uint32_t, PrePtr>> pres_;  ///< The last one of each server.
  std::map<Window, std::vector<Commit>> commits_;
  std::map<Digest, Sequence> finals_;  ///< By chain digest: every final prefix there was.
  SealingChecker checker_;
  SealingEffects effects_;
};

}  // namespace waggle::median
