#pragma once

#include <optional>
#include <vector>

#include "consensus/core/ids.hpp"
#include "consensus/core/interfaces.hpp"
#include "smr/client/options.hpp"

namespace waggle::client {

/// Decides to whom one request goes, and when again. At first to so many replicas as
/// Capability::asked_first says, in the order of its Preference. To everybody when that takes too
/// long, when an answer came but not enough of them, or when a connection drops; then again at
/// growing intervals, jittered so that clients do not come back all at once. Time is a span since
/// any fixed moment. Pure; not thread-safe.
class Courier {
 public:
  /// `up` says to whom there is a connection; it must outlive the courier. `order`: of all.
  Courier(const std::vector<bool>& up, std::uint32_t asked_first, std::vector<ReplicaId> order,
          const Timing& timing, Duration now);

  /// To whom the request is to be sent now; `settled` says who needs it no more. To be asked after
  /// every event, and again at next().
  std::vector<ReplicaId> due(Duration now, const std::vector<bool>& settled, Rng& rng);
  /// When there is something to do even if nothing happens.
  Duration next() const noexcept { return next_; }
  /// How long the answer took that is complete now, if somebody who was asked at first had a part
  /// in it: what only others say tells when they were asked, and not how busy the cluster is.
  std::optional<Duration> took(Duration now, const std::vector<bool>& settled) const;

  /// Who was asked at first and had not answered when patience with them ended.
  std::vector<ReplicaId> let_down_by(const std::vector<bool>& settled) const;

  /// What was sent to `replica` may be lost.
  void connection_lost(ReplicaId replica);
  /// Some answered and more must follow shortly, or everybody is asked.
  void hurry(Duration now);

 private:
  bool is_target(std::size_t replica, std::size_t& chosen, const std::vector<bool>& settled) const;

  const std::vector<bool>* up_;
  std::uint32_t asked_first_;
  std::vector<ReplicaId> order_;
  Timing timing_;
  std::vector<bool> sent_;  ///< Since the connection came up, and the last round.
  bool everybody_ = false;
  std::vector<bool> first_asked_;  ///< Who was sent it before everybody was.
  Duration start_;
  Duration next_;
  Duration interval_;
};

}  // namespace waggle::client
