// The Hollow Chain: docs/spec/pbeegees.md, rule 3.7.
#include <algorithm>

#include "sim/adversary/families.hpp"
#include "sim/adversary/leader_attack.hpp"

namespace waggle::sim {
namespace {

using namespace chained;

/// Names branches that nobody else can get: tips of the highest view that do not exist, or blocks
/// of its own that it keeps. As a leader after failed views it builds on what is not certified yet,
/// with much payload, names an invented twin of the parent, and shows the block to few.
class HollowChain final : public LeaderAttack {
 public:
  HollowChain(const AdversarySetup& setup, const Parameters& parameters)
      : LeaderAttack(setup),
        kept_(share_of(parameters, "kept")),
        invented_(share_of(parameters, "invented")),
        copies_(count_of(parameters, "copies")),
        shown_(count_of(parameters, "shown")) {}

 private:
  void disguise(Outgoing message, Out& out) override {
    if (std::holds_alternative<Branch>(message.message)) return;
    if (const auto* proposal = std::get_if<Proposal>(&message.message)) {
      const BlockPtr& block = proposal->block;
      if (same_chance(kept_, block->view().value)) {
        own_ = block->tip();
        return;
      }
    }
    if (auto* timeout = std::get_if<TimeoutMessage>(&message.message)) {
      author_.retip(timeout->timeout, hollow(timeout->timeout.view));
    }
    out.push_back(std::move(message));
  }

  /// Its own kept block where that is of the view; an invented one otherwise. The same towards
  /// everybody.
  Tip hollow(View view) const {
    if (own_.view == view) return own_;
    Random draw(view.value * 31 + setup_.self.value);
    return {view, author_.random_digest(draw), view.previous()};
  }

  bool lead(View view, std::vector<Timeout> others, Out& out) override {
    others.resize(setup_.chain.tc_quorum() - 1);
    const BlockPtr parent = highest_tip(others);
    if (!parent) return false;
    Tip own = author_.genesis()->tip();
    if (same_chance(invented_, view.value)) {
      own = {parent->view(), author_.random_digest(rng_), View{0}};
    }
    others.push_back(author_.timeout(view.previous(), own));
    const BlockPtr block = build(
        {view, parent, parent->qc, std::move(others), author_.copies(memory_.spare(), copies_)},
        out);
    if (!block) return false;
    own_ = block->tip();
    std::vector<ReplicaId> receivers = memory_.quietest_first();
    receivers.resize(std::min<std::size_t>(receivers.size(), shown_));
    show(block, receivers, out);
    return true;
  }

  const Share kept_;
  const Share invented_;
  const std::size_t copies_;
  const std::size_t shown_;
  Tip own_;  ///< Of the last block that it keeps.
};

}  // namespace

AdversaryKind hollow_chain_kind() {
  return {
      "hollow_chain",
      "names branches that nobody else can get",
      {share("kept", "of its own blocks are shown to nobody", kWhole),
       share("invented", "of its TCs name a twin of the parent that does not exist", kWhole / 2),
       count("copies", "of a request in the blocks that it builds after failed views", 64, 0,
             100'000),
       count("shown", "so many get those blocks", 1, 0, 255)},
      make<HollowChain>};
}

}  // namespace waggle::sim
