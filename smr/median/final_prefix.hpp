#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "consensus/core/interfaces.hpp"
#include "consensus/core/merkle.hpp"
#include "smr/median/command_table.hpp"
#include "smr/median/seal.hpp"

namespace waggle::median {

/// What hashing a sequence takes. Both outlive what holds this.
struct Hashing {
  const CommandTable* table = nullptr;
  const Hasher* hasher = nullptr;

  /// The chain digest of a sequence: that of all entries but the last, then the last one.
  Digest extend(const Digest& chain, Handle entry) const;
  Digest extend(const Digest& chain, std::span<const Handle> entries) const;
};

/// F of 8.0, the final prefix, without the commands that made it: nothing in it grows with their
/// number but the forest's peaks, which grow like its logarithm.
struct FinalPrefix {
  std::uint64_t length = 0;                   ///< Entries.
  Digest chain;                               ///< Over all entries, in order.
  Forest forest;                              ///< One leaf per entry.
  std::map<ClientId, std::uint64_t> numbers;  ///< sn(c): the last number executed of each client.
  SealPtr seal;                               ///< What made it final; nothing at length 0.

  std::uint64_t number(const ClientId& client) const {
    const auto found = numbers.find(client);
    return found == numbers.end() ? 0 : found->second;
  }
  /// The window of the seal; nothing was sealed in a window below it that is longer.
  Window window() const noexcept { return seal ? seal->window() : 0; }
};
using FinalPtr = std::shared_ptr<const FinalPrefix>;

/// Goes on from a final prefix, entry by entry, without copying it.
class PrefixCursor {
 public:
  PrefixCursor(const FinalPrefix& base, const Hashing& hashing)
      : base_(base), hashing_(hashing), chain_(base.chain), forest_(base.forest) {}

  /// Appends an entry. Its leaf is the command's digest if it is its client's next, and the null
  /// leaf otherwise; so the roots depend on the sequence alone (8.5). Returns whether it executes.
  bool append(Handle entry);

  std::uint64_t length() const noexcept { return forest_.count(); }
  const Digest& chain() const noexcept { return chain_; }
  /// R of 8.4: the digest of the forest's roots.
  Digest root() const { return forest_.root(*hashing_.hasher); }
  /// The final prefix that ends here.
  FinalPtr finish(SealPtr seal) const;

 private:
  const FinalPrefix& base_;
  Hashing hashing_;
  Digest chain_;
  Forest forest_;
  std::map<ClientId, std::uint64_t> changed_;  ///< Numbers that differ from the base's.
};

}  // namespace waggle::median
