// Votes too many and votes too few.
#include <algorithm>

#include "sim/adversary/author.hpp"
#include "sim/adversary/families.hpp"
#include "sim/adversary/memory.hpp"

namespace waggle::sim {
namespace {

using chained::Message;
using chained::Proposal;
using chained::TimeoutMessage;
using chained::Vote;

/// A vote for every block, whatever was voted for or given up before.
class DoubleVotes final : public Adversary {
 public:
  DoubleVotes(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        author_(setup_),
        share_(share_of(parameters, "share")),
        receivers_(count_of(parameters, "receivers")) {}

  void tamper(Outgoing message, Out& out) override {
    const auto* vote = std::get_if<Vote>(&message.message);
    if (vote != nullptr && chosen(vote->view)) return;  // hear() votes
    out.push_back(std::move(message));
  }
  void hear(ReplicaId, const Message& message, Out& out) override {
    const auto* proposal = std::get_if<Proposal>(&message);
    if (proposal == nullptr || !chosen(proposal->block->view())) return;
    const View view = proposal->block->view();
    const Vote vote = author_.vote(view, proposal->block->id);
    const ReplicaId collector = setup_.chain.leader(view.next());
    if (collector != setup_.self) out.push_back({collector, vote});
    std::uint64_t more = receivers_;
    for (std::uint32_t id = 0; id < setup_.chain.n() && more > 0; ++id) {
      if (ReplicaId{id} == setup_.self || ReplicaId{id} == collector) continue;
      out.push_back({ReplicaId{id}, vote});
      --more;
    }
  }

 private:
  bool chosen(View view) const { return same_chance(share_, view.value); }

  const AdversarySetup setup_;
  const Author author_;
  const Share share_;
  const std::uint64_t receivers_;
};

/// No votes, neither by themselves nor inside timeouts (4.7).
class WithheldVotes final : public Adversary {
 public:
  WithheldVotes(const AdversarySetup&, const Parameters& parameters)
      : share_(share_of(parameters, "share")) {}

  void tamper(Outgoing message, Out& out) override {
    if (const auto* vote = std::get_if<Vote>(&message.message)) {
      if (withheld(vote->view)) return;
    } else if (auto* timeout = std::get_if<TimeoutMessage>(&message.message)) {
      if (withheld(timeout->timeout.tip.view)) timeout->timeout.tip_vote.reset();
    }
    out.push_back(std::move(message));
  }

 private:
  bool withheld(View view) const { return same_chance(share_, view.value); }

  const Share share_;
};

}  // namespace

std::vector<AdversaryKind> vote_kinds() {
  return {
      {"double_votes",
       "votes for every block it sees",
       {share("share", "in so many views", kWhole),
        count("receivers", "so many more than the collector get the vote", 0, 0, 255)},
       make<DoubleVotes>},
      {"withheld_votes",
       "does not vote, also not inside timeouts",
       {share("share", "in so many views", kWhole)},
       make<WithheldVotes>},
  };
}

}  // namespace waggle::sim
