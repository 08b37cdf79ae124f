#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "smr/median/final_prefix.hpp"

namespace waggle::median {

/// A sequence of commands, without stamps.
using Sequence = std::vector<Handle>;
using SequenceView = std::span<const Handle>;

/// PRE(w, D) of one server (8.2); D is the server's final prefix, of which it names length and
/// chain digest, and the entries that go on from there. It supports every prefix of D.
struct Pre {
  ReplicaId server;
  Window window = 0;
  std::uint64_t base = 0;
  Sequence entries;
  /// Chain digests of the prefixes of D that hold 0, 1, ... of `entries`. The first is part of
  /// what is signed; the others follow from it, and save hashing them again.
  std::vector<Digest> chains;
  Signature signature;  ///< Zero in one's own until the host has signed it.
};
using PrePtr = std::shared_ptr<const Pre>;

/// The PRE whose D goes on from this base by these entries.
PrePtr make_pre(ReplicaId server, Window window, std::uint64_t base, const Digest& base_chain,
                Sequence entries, const Hashing& hashing, const Signature& signature = {});

/// How a sequence lies to a final prefix F.
enum class Fit : std::uint8_t {
  kExtends,    ///< Goes on from F, or is F.
  kShorter,    ///< Ends before F does.
  kUnknown,    ///< Begins behind F: F has to be adopted first.
  kConflicts,  ///< Leaves F.
};
struct Beyond {
  Fit fit = Fit::kConflicts;
  SequenceView entries;  ///< What goes on from F, if it extends F.
};
Beyond beyond(const Pre& pre, const FinalPrefix& final);

/// PREs of one window by more than n/2 servers: PC(w, X') for every X' that more than n/2 of them
/// support (8.3). Immutable.
class PreCertificate {
 public:
  /// Refuses too few servers, one counted twice, and windows that differ. `quorum` is more than
  /// n/2; signatures were checked before.
  static Result<std::shared_ptr<const PreCertificate>, Refusal> make(std::vector<PrePtr> pres,
                                                                     std::uint32_t quorum);

  Window window() const noexcept { return pres_.front()->window; }
  const std::vector<PrePtr>& pres() const noexcept { return pres_; }

  /// The longest X' that it certifies, as what goes on from `final`.
  struct Longest {
    Sequence entries;        ///< Empty if no certified sequence goes beyond `final`.
    bool conflicts = false;  ///< It certifies a sequence that leaves `final`.
  };
  Longest longest(const FinalPrefix& final) const;

 private:
  /// Servers whose D is the same. Most are, so that there are few of these, however many PREs.
  struct Group {
    const Pre* pre;  ///< One of them.
    std::uint32_t servers = 0;
  };

  PreCertificate(std::vector<PrePtr> pres, std::uint32_t quorum);

  std::vector<PrePtr> pres_;
  std::vector<Group> groups_;
  std::uint32_t quorum_;
};
using PreCertificatePtr = std::shared_ptr<const PreCertificate>;

}  // namespace waggle::median
