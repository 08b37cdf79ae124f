#pragma once

#include <map>
#include <set>
#include <span>
#include <vector>

#include "sim/rounds/checker/agreement.hpp"

namespace waggle::sim::rounds {

/// Judges sealing by what was signed: what COMMITs of one window by more than n/2 servers cover,
/// whether somebody noticed or not, lies on one line with all else that is sealed or final.
class SealChecker final : public Checker {
 public:
  /// `lineage`: of what is proposed and final, by entries alone.
  SealChecker(const Lineage& lineage, std::uint32_t n)
      : Checker("seals"), lineage_(lineage), line_(lineage), majority_(n / 2 + 1) {}

  /// A server signed a PRE of the window for this sequence.
  void on_pre(std::uint64_t window, std::uint32_t node) { windows_[window].pres.push_back(node); }
  /// A server signed a COMMIT of the window that covers so many entries.
  void on_commit(std::uint64_t window, std::uint32_t server, std::uint64_t length);
  /// A server's final prefix.
  void on_final(std::uint64_t round, std::uint32_t node);
  void after_round(std::uint64_t round);

 private:
  /// What was signed of one window.
  struct Signed {
    std::vector<std::uint32_t> pres;
    std::map<std::uint32_t, std::uint64_t> commits;  ///< By server: the longest.
    std::uint64_t sealed = 0;                        ///< As far as it was judged.
  };

  void judge(std::uint64_t round, std::uint64_t window, Signed& of);
  void join(std::uint64_t round, std::uint32_t node, const std::string& what);

  const Lineage& lineage_;
  AgreementChecker line_;
  std::uint32_t majority_;
  std::map<std::uint64_t, Signed> windows_;
  std::set<std::uint64_t> news_;  ///< Windows with COMMITs that were not judged.
};

}  // namespace waggle::sim::rounds
