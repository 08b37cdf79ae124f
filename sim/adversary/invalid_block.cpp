// The Invalid Block attack: docs/spec/pbeegees.md, rule 3.6.
#include <algorithm>

#include "sim/adversary/families.hpp"
#include "sim/adversary/leader_attack.hpp"

namespace waggle::sim {
namespace {

using namespace chained;

/// As a leader with a certificate that nobody else has yet, it tells a few, who commit, and signs
/// in secret an invalid block that stands below what they commit: neither fast nor with a TC. When
/// it leads again while everybody else's tip is older, it puts explicitly valid blocks on top,
/// through TCs in which its own tip is the maximal one. With enough of them it shows the tower to
/// the rest: whoever looks at the highest blocks only votes for it.
class InvalidBlock final : public LeaderAttack {
 public:
  InvalidBlock(const AdversarySetup& setup, const Parameters& parameters)
      : LeaderAttack(setup),
        depth_(count_of(parameters, "depth")),
        told_(count_of(parameters, "told")) {}

 private:
  bool building() const { return !tower_.empty() && tower_.size() <= depth_; }
  bool shown() const { return tower_.size() > depth_; }

  void disguise(Outgoing message, Out& out) override {
    const auto* proposal = std::get_if<Proposal>(&message.message);
    if (proposal != nullptr && !building() && begins(*proposal->block, out)) return;
    if (tower_.empty()) return out.push_back(std::move(message));
    // Nothing but timeouts leaves: the rest would learn of the certificate.
    auto* timeout = std::get_if<TimeoutMessage>(&message.message);
    if (timeout == nullptr) return;
    if (timeout->timeout.view >= tower_.back()->view()) {
      author_.retip(timeout->timeout, tower_.back()->tip());
    }
    timeout->timeout.tip_vote.reset();
    timeout->timeout.full_qc = nullptr;
    timeout->timeout.high_qc = author_.genesis()->qc->ref();
    out.push_back(std::move(message));
  }

  /// True: the attack begins instead of this proposal.
  bool begins(const Block& own, Out& out) {
    if (own.tc || setup_.chain.leader(own.view().next()) != setup_.self) return false;
    const auto fork = memory_.fork_point();
    if (!fork || memory_.high_qc()->view.next() != own.view()) return false;
    const BlockPtr invalid = build({own.view(), fork->parent, fork->qc, {}, memory_.spare()}, out);
    if (!invalid) return false;
    tower_ = {invalid};
    insiders_ = memory_.quietest_first();
    insiders_.resize(std::min<std::size_t>(insiders_.size(), told_));
    for (const ReplicaId insider : insiders_) {
      out.push_back({insider, Certificate{ViewProof{memory_.high_qc()}}});
    }
    return true;
  }

  bool lead(View view, std::vector<Timeout> others, Out& out) override {
    if (!building() || view <= tower_.back()->view()) return false;
    const BlockPtr top = tower_.back();
    std::erase_if(others, [&top](const Timeout& one) { return one.tip.rank() >= top->rank(); });
    if (others.size() + 1 < setup_.chain.tc_quorum()) {
      tower_.clear();  // others got ahead: it failed
      return false;
    }
    others.resize(setup_.chain.tc_quorum() - 1);
    others.push_back(author_.timeout(view.previous(), top->tip()));
    const BlockPtr next = build({view, top, top->qc, std::move(others), nullptr}, out);
    if (!next) return false;
    tower_.push_back(next);
    if (!shown()) return true;
    for (const BlockPtr& block : tower_) show(block, outsiders(), out);
    vote_for(*next, out);
    return true;
  }

  /// Votes for what others build on the tower.
  void listen(ReplicaId, const Message& message, Out& out) override {
    const auto* proposal = std::get_if<Proposal>(&message);
    if (proposal == nullptr || tower_.empty()) return;
    const Block& block = *proposal->block;
    if (shown() && block.parent() == tower_.back()->id) {
      vote_for(block, out);
      tower_.clear();
    } else if (block.view() > tower_.back()->view()) {
      tower_.clear();  // the others went on without it
    }
  }
  std::vector<ReplicaId> outsiders() const {
    std::vector<ReplicaId> rest = memory_.quietest_first();
    std::erase_if(rest, [this](ReplicaId id) {
      return std::find(insiders_.begin(), insiders_.end(), id) != insiders_.end();
    });
    return rest;
  }

  const std::size_t depth_;
  const std::size_t told_;
  std::vector<BlockPtr> tower_;      ///< The invalid block and what stands on it, rising.
  std::vector<ReplicaId> insiders_;  ///< Who was told of the certificate.
};

}  // namespace

AdversaryKind invalid_block_kind() {
  return {"invalid_block",
          "hides an invalid block under explicitly valid ones",
          {count("depth", "so many valid ones", 2, 1, 8),
           count("told", "so many are made to commit what the invalid block conflicts with", 1, 0,
                 255)},
          make<InvalidBlock>};
}

}  // namespace waggle::sim
