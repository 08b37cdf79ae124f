#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "consensus/core/interfaces.hpp"
#include "smr/certificate/server_chains.hpp"
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
/// number but the chains, like its logarithm.
struct FinalPrefix {
  std::uint64_t length = 0;          ///< Entries.
  Digest chain;                      ///< Over all entries, in order.
  certificate::ServerChains chains;  ///< One leaf per entry; judges certificates (section 6).
  SealPtr seal;                      ///< What made it final; nothing at length 0.

  /// sn(c): the number of the client's last entry that counts, 0 before the first.
  std::uint64_t number(const ClientId& client) const { return chains.number(client); }
  /// R of 8.4: the digest of the forest's roots.
  Digest root(const Hasher& hasher) const { return chains.roots().root(hasher); }
  /// The window of the seal; nothing was sealed in a window below it that is longer.
  Window window() const noexcept { return seal ? seal->window() : 0; }
};
using FinalPtr = std::shared_ptr<const FinalPrefix>;

/// Goes on from a final prefix, entry by entry.
class PrefixCursor {
 public:
  PrefixCursor(const FinalPrefix& base, const Hashing& hashing) : hashing_(hashing), here_(base) {}

  /// Appends an entry. Its leaf is the command's digest if it is its client's next, and the null
  /// leaf otherwise; so the roots depend on the sequence alone (8.5). Returns whether it executes.
  bool append(Handle entry);

  std::uint64_t length() const noexcept { return here_.length; }
  const Digest& chain() const noexcept { return here_.chain; }
  Digest root() const { return here_.root(*hashing_.hasher); }
  /// The final prefix that ends here.
  FinalPtr finish(SealPtr seal) const;

 private:
  Hashing hashing_;
  FinalPrefix here_;
};

}  // namespace waggle::median
