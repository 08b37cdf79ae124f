#include "sim/checker/durability.hpp"

namespace waggle::sim {
namespace {

/// Views that are remembered per replica. What it signs for older ones it has signed before, or
/// it would have to go back (4.2, 4.4): the highest of each kind is always remembered.
constexpr std::size_t kRemembered = 1024;

template <class T>
void forget(std::map<View, T>& map) {
  while (map.size() > kRemembered) map.erase(map.begin());
}

}  // namespace

void Durability::on_sent(ReplicaId replica, const chained::Message& message) {
  if (const auto* vote = std::get_if<chained::Vote>(&message)) {
    on_vote(replica, vote->view, vote->block);
  } else if (const auto* timeout = std::get_if<chained::TimeoutMessage>(&message)) {
    on_timeout(replica, timeout->timeout);
  } else if (const auto* proposal = std::get_if<chained::Proposal>(&message)) {
    on_proposal(replica, *proposal->block);
  }
}

void Durability::on_proposal(ReplicaId replica, const Block& block) {
  Seen& seen = replicas_.at(replica.value);
  const auto [at, fresh] = seen.proposals.emplace(block.view(), Signed{block.id, now()});
  forget(seen.proposals);
  if (fresh) {
    ++news_;
  } else if (at->second.block != block.id) {
    fail(told(replica) + " proposes " + short_hex(block.id) + " in " + told(block.view()) + " " +
         told(now()) + ", but proposed " + short_hex(at->second.block) + " " + told(at->second.at));
  }
}

void Durability::on_vote(ReplicaId replica, View view, const Digest& block) {
  Seen& seen = replicas_.at(replica.value);
  const bool backwards = !seen.votes.empty() && view < seen.votes.rbegin()->first;
  const auto [at, fresh] = seen.votes.emplace(view, Signed{block, now()});
  const Signed vote = at->second;
  const auto event = [&] {
    return told(replica) + " votes for " + short_hex(block) + " in " + told(view) + " " +
           told(now());
  };
  if (vote.block != block) {
    fail(event() + ", but voted for " + short_hex(vote.block) + " " + told(vote.at));
  }
  if (!fresh) return;
  ++news_;
  if (backwards) {
    const auto& [highest, last] = *seen.votes.rbegin();
    fail(event() + ", but voted in " + told(highest) + " " + told(last.at));
  }
  for (auto later = seen.timeouts.lower_bound(view); later != seen.timeouts.end(); ++later) {
    check_covered(replica, view, vote, later->first, later->second);
  }
  forget(seen.votes);
}

void Durability::on_timeout(ReplicaId replica, const Timeout& timeout) {
  Seen& seen = replicas_.at(replica.value);
  const auto event = [&] {
    return told(replica) + " times out of " + told(timeout.view) + " " + told(now()) +
           " with a tip of " + told(timeout.tip.view);
  };
  if (timeout.tip.view > timeout.view) fail(event() + ", a later one");
  const auto [at, fresh] = seen.timeouts.emplace(timeout.view, GivenUp{timeout.tip, now()});
  if (!fresh && timeout.tip.rank() < at->second.tip.rank()) {
    fail(event() + ", but with a higher one " + told(at->second.at));
  }
  if (fresh) {
    ++news_;
    auto vote = seen.votes.lower_bound(timeout.tip.view);
    for (; vote != seen.votes.end() && vote->first <= timeout.view; ++vote) {
      check_covered(replica, vote->first, vote->second, timeout.view, at->second);
    }
  }
  if (timeout.tip_vote) on_vote(replica, timeout.tip.view, timeout.tip.block);
  forget(seen.timeouts);
}

void Durability::check_covered(ReplicaId replica, View voted, const Signed& vote, View timeout,
                               const GivenUp& given_up) {
  if (!stage_.tips_follow_votes) return;
  const Tip& tip = given_up.tip;
  const bool covered = tip.view > voted || (tip.view == voted && tip.block == vote.block);
  if (covered) return;
  fail(told(replica) + " voted for " + short_hex(vote.block) + " in " + told(voted) + " " +
       told(vote.at) + ", but its timeout of " + told(timeout) + " " + told(given_up.at) +
       " reports a tip of " + told(tip.view));
}

}  // namespace waggle::sim
