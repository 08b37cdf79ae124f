#pragma once

#include <span>
#include <vector>

#include "smr/median/final_prefix.hpp"
#include "smr/median/lock.hpp"
#include "smr/median/merge.hpp"
#include "smr/median/sample.hpp"

namespace waggle::median {

/// The log of a server that seals (8.1): Algorithm 3, but it never gets undecided, holds nothing
/// of the final prefix, and always begins with the lock.
class SealedLog {
 public:
  SealedLog(const Parameters& parameters, const CommandTable& table)
      : parameters_(parameters), table_(table) {}

  const Log& log() const noexcept { return log_; }

  /// After a restart: logs are not durable.
  void clear() { log_.clear(); }
  /// With another table: the same log in its handles.
  void restore(Log log) { log_ = std::move(log); }
  template <class Unwanted>
  void erase_if(Unwanted unwanted) {
    std::erase_if(log_, unwanted);
  }
  /// Drops what is beyond so many entries.
  void truncate(std::size_t entries) {
    if (log_.size() > entries) log_.resize(entries);
  }

  /// One round: the logs of the replies, in the order in which they were asked for (reordered),
  /// and the append requests. With fewer than l logs the own one stays, and gets the requests;
  /// where everyone is asked, a majority of logs is enough if that is fewer.
  /// They may view other servers' logs, not this one. `merger` is scratch.
  void round(std::span<LogView> replies, LogView appended, Merger& merger, Rng& rng);

  /// Makes the log fit what is final and locked; after every round and whenever either changes.
  void fit(const FinalPtr& final, const Lock& lock);

  /// 8.2: what a PRE adds behind the lock: the entries there up to the first that is younger than
  /// T rounds.
  Sequence aged_behind(const Lock& lock, Round now) const;

 private:
  bool is_final(Slot slot);

  Parameters parameters_;
  const CommandTable& table_;
  Log log_;
  Log next_;
  std::vector<LogView> chosen_;
  FinalPtr final_;
  std::uint64_t generation_ = 1;  ///< Of final_: one more with each.
  struct Known {
    std::uint64_t generation = 0;  ///< Of which final prefix it is the number.
    std::uint64_t number = 0;
  };
  std::vector<Known> numbers_;         ///< By client of the table, as far as asked for.
  std::vector<std::uint32_t> locked_;  ///< Slots of the lock, rising.
};

}  // namespace waggle::median
