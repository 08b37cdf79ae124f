#pragma once

#include <map>
#include <optional>
#include <vector>

#include "consensus/core/certificates.hpp"
#include "consensus/core/refusal.hpp"

namespace waggle::chained {

/// A TC of the q timeouts whose tips rank highest; `timeouts` are of one view and at least q.
TcPtr assemble_tc(View view, std::vector<Timeout> timeouts, const ChainConfig& config);

/// Timeouts of all replicas, and what follows from them (4.5, 4.6). Bounded: of every
/// replica those of the view that is collected for, of the view after it, and its highest.
class TimeoutCollector {
 public:
  static constexpr std::size_t kTimeoutsPerReplica = 3;

  explicit TimeoutCollector(const ChainConfig& config) : config_(config), timeouts_(config.n()) {}

  /// Adds a verified timeout. A repetition replaces the first when its tip ranks higher (4.4), and
  /// is a kDuplicate otherwise. kStaleView: too old to be kept. kTooMany: a timeout of a view
  /// between those that are kept gave way.
  std::optional<Refusal> add(const Timeout& timeout);

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

  /// The timeouts of exactly this view, by sender.
  std::vector<Timeout> of(View view) const;
  bool any_of(View view) const;

 private:
  void drop_old(std::map<View, Timeout>& own) const;
  std::vector<View> highest_views() const;

  const ChainConfig& config_;
  std::vector<std::map<View, Timeout>> timeouts_;  ///< By replica.
  View view_;                                      ///< The one last pruned for.
};

}  // namespace waggle::chained
