#pragma once

#include <map>

#include "sim/checker/property.hpp"

namespace waggle::sim {

/// What a replica has signed it stands by, across all restarts: votes rise from view to view, no
/// two votes or proposals of one view. Where a protocol lets replicas stand on what they voted
/// for: whoever times out of a view reports a tip that covers all its votes up to that view, so
/// that no vote contradicts a timeout.
class Durability final : public Property {
 public:
  explicit Durability(Stage& stage) : Property(stage, "durability"), replicas_(stage.n) {}

  void on_sent(ReplicaId replica, const chained::Message& message) override;

  /// Proposals, votes and timeouts that honest replicas have sent, repetitions not counted.
  std::uint64_t news() const noexcept { return news_; }

 private:
  struct Signed {
    Digest block;
    Duration at;
  };
  struct GivenUp {
    Tip tip;  ///< The lowest that was reported for the view.
    Duration at;
  };
  struct Seen {
    std::map<View, Signed> votes;
    std::map<View, Signed> proposals;
    std::map<View, GivenUp> timeouts;
  };
  void on_vote(ReplicaId replica, View view, const Digest& block);
  void on_timeout(ReplicaId replica, const Timeout& timeout);
  void on_proposal(ReplicaId replica, const Block& block);
  void check_covered(ReplicaId replica, View voted, const Signed& vote, View timeout,
                     const GivenUp& given_up);

  std::vector<Seen> replicas_;
  std::uint64_t news_ = 0;
};

}  // namespace waggle::sim
