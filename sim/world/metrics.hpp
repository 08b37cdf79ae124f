#pragma once

#include <algorithm>
#include <map>

#include "consensus/core/block.hpp"

namespace waggle::sim {

/// Counts of values, finer where they are small: at most 1/64 off. Its size does not depend on how
/// many there are.
class Histogram {
 public:
  void add(std::uint64_t value, std::uint64_t times = 1);
  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t max() const noexcept { return max_; }
  /// The value that `permille` of all do not exceed; 0 when there is none.
  std::uint64_t quantile(std::uint32_t permille) const;
  /// How often each value came, by rounded value. Adding them elsewhere loses nothing but max().
  const std::map<std::uint64_t, std::uint64_t>& counts() const noexcept { return counts_; }

 private:
  std::map<std::uint64_t, std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

/// How long blocks take from their proposal to the first commit by an honest replica: in time,
/// and in views from the block's own to that replica's view at the commit.
class Metrics {
 public:
  void on_proposed(const Block& block, Duration now);
  /// `view`: the view in which the replica is.
  void on_commit(const Block& block, View view, Duration now);

  // Of a world with the median rule: how long commands take from their submission to their
  // acknowledgement, in time and in rounds.
  void on_submitted(const ClientId& client, std::uint64_t number, Duration now) {
    submitted_[{client, number}] = now;
  }
  void on_acknowledged(const ClientId& client, std::uint64_t number, Duration now, Duration round);

  /// An honest replica is in this view, or round.
  void on_view(View view) { highest_view_ = std::max(highest_view_, view); }

  View highest_view() const noexcept { return highest_view_; }
  std::uint64_t committed() const noexcept { return committed_.value; }
  const Histogram& views() const noexcept { return views_; }
  const Histogram& micros() const noexcept { return micros_; }

 private:
  struct Proposed {
    Digest block;
    Duration at;
  };
  std::multimap<View, Proposed> open_;
  std::map<std::pair<ClientId, std::uint64_t>, Duration> submitted_;
  Height committed_;
  View highest_view_;
  Histogram views_;
  Histogram micros_;
};

}  // namespace waggle::sim
