// A leader that picks the timeouts of its TC.
#include <algorithm>

#include "sim/adversary/families.hpp"
#include "sim/adversary/leader_attack.hpp"

namespace waggle::sim {
namespace {

using namespace chained;

/// Of the timeouts that it heard, those with the lowest tips; beside them a tip of its own: a twin
/// of the parent if it knows one, which suspends commits (5.2), and as low a one as there is
/// otherwise. Among tips of equal rank its own is the parent.
class WorstTc final : public LeaderAttack {
 public:
  WorstTc(const AdversarySetup& setup, const Parameters& parameters)
      : LeaderAttack(setup),
        surplus_(std::min<std::uint64_t>(count_of(parameters, "surplus"), setup.chain.f())),
        invented_(share_of(parameters, "invented")),
        below_(share_of(parameters, "below")) {}

 private:
  bool lead(View view, std::vector<Timeout> others, Out& out) override {
    const std::size_t used = setup_.chain.tc_quorum() - 1;
    if (others.size() < used + surplus_) return false;
    std::stable_sort(others.begin(), others.end(), [](const Timeout& a, const Timeout& b) {
      return a.tip.rank() < b.tip.rank();
    });
    others.resize(used);
    BlockPtr parent = highest_tip(others);
    if (!parent) return false;
    Tip own = author_.genesis()->tip();
    QcPtr qc = parent->qc;  // the lowest that is allowed
    if (const auto fork = memory_.fork_point(); fork && same_chance(below_, view.value)) {
      parent = fork->parent;
      qc = fork->qc;
      own = parent->tip();
    } else if (const BlockPtr twin = twin_of(*parent)) {
      own = twin->tip();
      if (twin->rank() == parent->rank()) parent = twin;
      qc = parent->qc;
    } else if (same_chance(invented_, view.value)) {
      own = {parent->view(), author_.random_digest(rng_), View{0}};
    }
    others.push_back(author_.timeout(view.previous(), own));
    const BlockPtr block = build({view, parent, qc, std::move(others), nullptr}, out);
    if (!block) return false;
    show(block, memory_.quietest_first(), out);
    vote_for(*block, out);
    return true;
  }
  /// Another block of its view that ranks no higher.
  BlockPtr twin_of(const Block& block) const {
    for (const BlockPtr& other : memory_.in_view(block.view())) {
      if (other->id != block.id && other->rank() <= block.rank()) return other;
    }
    return nullptr;
  }

  const std::size_t surplus_;
  const Share invented_;
  const Share below_;
};

}  // namespace

std::vector<AdversaryKind> tc_kinds() {
  return {
      {"worst_tc",
       "leads with the TC that hurts most: the lowest tips, and a twin of the parent",
       {count("surplus", "waits for so many timeouts beyond a quorum, at most f", 0, 0, 85),
        share("invented", "of its TCs name a twin that does not exist where it knows none", 0),
        share("below", "of its blocks stand below a committed block, on a tip that is not maximal",
              0)},
       make<WorstTc>},
  };
}

}  // namespace waggle::sim
