#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/chained/block_tree.hpp"
#include "consensus/core/buggify.hpp"
#include "consensus/core/interfaces.hpp"

namespace waggle::chained {

/// Decides whom to ask for which missing blocks (4.8). A block is wanted until it is connected to
/// the committed head, known to conflict with it, or nobody has it. Bounded.
class Fetcher {
 public:
  /// Blocks wanted at most, of those that one replica named first: names are cheap to invent.
  static constexpr std::size_t kWantedPerSource = 16;
  /// Fruitless questions before a block is given up, times the number of replicas. A block that
  /// is still needed is wanted anew by the next message that names it.
  static constexpr std::uint32_t kRoundsMax = 3;

  /// `buggify`: only in tests.
  Fetcher(const ChainConfig& config, ReplicaId self, Rng& rng, Buggify* buggify = nullptr)
      : config_(config), self_(self), rng_(rng), buggify_(buggify) {}

  /// `source` is believed to have the block.
  void want(const Digest& block, ReplicaId source);
  /// An answer is due from `from`: it was asked for this block and did not answer yet.
  bool expects(const Digest& block, ReplicaId from) const;
  bool idle() const noexcept { return wanted_.empty(); }

  /// An answer of `from` came whose highest block is `connected` now, if it is: when that is
  /// higher than before, the rest of the branch is asked for at once.
  void on_answer(const Digest& block, ReplicaId from, std::optional<Height> connected);
  /// The retry timer ran out: unanswered questions go to somebody else.
  void on_retry();

  struct Question {
    ReplicaId to;
    BranchRequest request;
  };
  /// Drops what is settled and returns the questions to send now.
  std::vector<Question> questions(const BlockTree& tree);

 private:
  struct Wanted {
    ReplicaId named_by;
    ReplicaId source;
    bool asked = false;       ///< Nobody is to be asked before the retry.
    std::set<ReplicaId> due;  ///< Asked, and no answer came yet; a slow one is welcome too.
    std::uint32_t failures = 0;
    Height above;  ///< Blocks of this branch up to here have come already.
  };
  /// Any other replica.
  ReplicaId any_other() {
    const auto step = static_cast<std::uint32_t>(1 + rng_.below(config_.n() - 1));
    return ReplicaId{(self_.value + step) % config_.n()};
  }
  bool settled(const Digest& block, const BlockTree& tree) const;

  const ChainConfig& config_;
  const ReplicaId self_;
  Rng& rng_;
  Buggify* const buggify_;
  std::map<Digest, Wanted> wanted_;
};

}  // namespace waggle::chained
