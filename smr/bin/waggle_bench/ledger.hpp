#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "smr/client/client.hpp"

namespace waggle::bench {

/// Which value each key must hold after all that was acknowledged. Memory grows with the number of
/// keys that were put to. Thread-safe.
class Ledger {
 public:
  using Store = std::map<Bytes, Bytes>;

  /// Puts, and what became of each.
  void note(const std::vector<Bytes>& commands, const std::vector<client::Outcome>& outcomes);

  struct Verdict {
    std::uint64_t keys = 0;  ///< With an acknowledged put.
    std::uint64_t lost = 0;  ///< Of these, keys that hold something else.
    std::string first;       ///< One of the lost ones.
  };
  /// A key must hold what the last block that put to it did, whatever its order within the block,
  /// or what a put whose fate is unknown may have written later.
  Verdict compare(const Store& store) const;

 private:
  struct Known {
    Height height;                       ///< Of the last acknowledged put; 0: none.
    std::vector<std::uint64_t> puts;     ///< Fingerprints of the values that it put.
    std::vector<std::uint64_t> perhaps;  ///< Of puts whose fate is unknown.
  };

  mutable std::mutex mutex_;
  std::map<Bytes, Known> keys_;
};

/// All pairs of the store under a prefix, read through the cluster. Throws cli::Failure if it does
/// not answer.
Ledger::Store read_store(client::Client& client, const std::string& prefix, Duration timeout);

}  // namespace waggle::bench
