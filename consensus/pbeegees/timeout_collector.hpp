#pragma once

#include <map>
#include <optional>
#include <vector>

#include "consensus/core/certificates.hpp"
#include "consensus/pbeegees/block_tree.hpp"
#include "consensus/pbeegees/guards.hpp"

namespace waggle::pbeegees {

/// Timeouts of all replicas, and what follows from them (4.5, 4.6, 3.7a). Bounded: of every
/// replica those of the view that is collected for, of the view after it, and its highest.
class TimeoutCollector {
 public:
  TimeoutCollector(const ChainConfig& config, const Guards& guards)
      : config_(config), guards_(guards), timeouts_(config.n()) {}

  /// Adds a verified timeout. A repetition replaces the first when its tip ranks higher (4.4).
  void add(const Timeout& timeout);

  /// Drops what is of a view below view - 1, but keeps everybody's highest.
  void prune(View view);

  /// 4.5: f+1 replicas with highest timeouts at or above `view`: the (f+1)-th highest of them.
  std::optional<View> join_view(View view) const;
  /// 4.5: the highest w such that q replicas' highest timeouts are at or above w.
  std::optional<View> quorum_view() const;
  /// What a protocol without 4.5 does: `view` itself, once q replicas gave up on exactly it.
  std::optional<View> exact_quorum_view(View view) const;
  /// The timeouts behind join_view or quorum_view: everybody's highest, where at or above `view`.
  std::vector<Timeout> highest_from(View view) const;

  /// A tip that a leader cannot count yet, and who reported it.
  struct Missing {
    Digest block;
    ReplicaId reporter;
  };
  struct Counted {
    std::optional<TimeoutCert> tc;  ///< Once q timeouts of the view count.
    std::vector<Missing> missing;   ///< What to fetch so that more of them count.
  };
  /// 3.7a and 4.6: counts the timeouts of `view` against the tree.
  Counted count(View view, const BlockTree& tree) const;

 private:
  void drop_old(std::map<View, Timeout>& own) const;
  std::vector<View> highest_views() const;
  bool validated(const Tip& tip, const BlockTree& tree) const;

  const ChainConfig& config_;
  const Guards guards_;
  std::vector<std::map<View, Timeout>> timeouts_;  ///< By replica.
  View view_;                                      ///< The one last pruned for.
};

}  // namespace waggle::pbeegees
