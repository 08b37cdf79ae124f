// Timeouts that say something else than where the replica stands.
#include <algorithm>

#include "sim/adversary/families.hpp"
#include "sim/adversary/leader_attack.hpp"

namespace waggle::sim {
namespace {

using namespace chained;

/// Stays behind: reports a tip that it had long ago.
class StaleTips final : public Adversary {
 public:
  StaleTips(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        author_(setup_),
        lag_(count_of(parameters, "lag")),
        share_(share_of(parameters, "share")) {}

  void tamper(Outgoing message, Out& out) override {
    if (auto* timeout = std::get_if<TimeoutMessage>(&message.message)) {
      note(timeout->timeout.tip);
      if (same_chance(share_, timeout->timeout.view.value)) {
        author_.retip(timeout->timeout, stale());
        timeout->timeout.high_qc = author_.genesis()->qc->ref();
        timeout->timeout.full_qc = nullptr;
      }
    }
    out.push_back(std::move(message));
  }

 private:
  void note(const Tip& tip) {
    if (lag_ == 0 || (!tips_.empty() && tips_.back() == tip)) return;
    tips_.push_back(tip);
    if (tips_.size() > lag_ + 1) tips_.erase(tips_.begin());
  }
  Tip stale() const { return tips_.size() > lag_ ? tips_.front() : author_.genesis()->tip(); }

  const AdversarySetup setup_;
  const Author author_;
  const std::uint64_t lag_;
  const Share share_;
  std::vector<Tip> tips_;  ///< Its own, rising; the last lag + 1.
};

/// Reports tips that it does not stand on, or that nobody does.
class LyingTips final : public Adversary {
 public:
  enum class Kind : std::uint8_t { kAny, kNowhere, kOther, kSplit };

  LyingTips(const AdversarySetup& setup, const Parameters& parameters)
      : setup_(setup),
        author_(setup_),
        memory_(setup_),
        kind_(static_cast<Kind>(value_of(parameters, "kind"))),
        share_(share_of(parameters, "share")) {}

  void hear(ReplicaId from, const Message& message, Out&) override { memory_.note(from, message); }
  void tamper(Outgoing message, Out& out) override {
    memory_.note(setup_.self, message.message);
    if (auto* timeout = std::get_if<TimeoutMessage>(&message.message)) {
      lie(timeout->timeout, message.to);
    }
    out.push_back(std::move(message));
  }

 private:
  void lie(Timeout& timeout, ReplicaId to) const {
    if (!same_chance(share_, timeout.view.value)) return;
    // The same towards everybody, unless it is to be split.
    Random draw(timeout.view.value * 31 + setup_.self.value);
    Kind kind = kind_;
    if (kind == Kind::kAny) kind = static_cast<Kind>(1 + draw.below(3));
    if (kind == Kind::kSplit) {
      draw = Random(draw.next() + to.value);
      kind = draw.below(2) == 0 ? Kind::kNowhere : Kind::kOther;
    }
    if (kind == Kind::kNowhere) {
      const View qc_view{draw.below(timeout.view.value)};
      author_.retip(timeout, {timeout.view, author_.random_digest(draw), qc_view});
    } else {
      author_.retip(timeout, another(timeout.tip, draw));
    }
  }
  /// A block that it knows of the last few views, and not its tip.
  Tip another(const Tip& tip, Random& draw) const {
    std::vector<Tip> others;
    for (std::uint64_t back = 0; back < 4 && back < tip.view.value; ++back) {
      for (const BlockPtr& block : memory_.in_view(View{tip.view.value - back})) {
        if (block->id != tip.block) others.push_back(block->tip());
      }
    }
    return others.empty() ? author_.genesis()->tip() : others[draw.below(others.size())];
  }

  const AdversarySetup setup_;
  const Author author_;
  Memory memory_;
  const Kind kind_;
  const Share share_;
};

/// Claims a rank for a tip that is not its block's own. As a leader it builds on a block that
/// others have left behind, which only the false claim makes the highest.
class LyingRank final : public LeaderAttack {
 public:
  LyingRank(const AdversarySetup& setup, const Parameters& parameters)
      : LeaderAttack(setup),
        view_by_(value_of(parameters, "view_by")),
        qc_view_by_(value_of(parameters, "qc_view_by")),
        usurps_(share_of(parameters, "usurps")) {}

 private:
  void disguise(Outgoing message, Out& out) override {
    if (auto* timeout = std::get_if<TimeoutMessage>(&message.message)) {
      author_.retip(timeout->timeout, claim(timeout->timeout.tip, timeout->timeout.view));
    }
    out.push_back(std::move(message));
  }
  /// A tip of a view above the timeout's would be refused at once.
  Tip claim(Tip tip, View most) const {
    const auto shifted = [](View view, std::int64_t by) {
      const auto value = static_cast<std::int64_t>(view.value) + by;
      return View{static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0))};
    };
    tip.view = std::min(shifted(tip.view, view_by_), most);
    tip.qc_view = shifted(tip.qc_view, qc_view_by_);
    return tip;
  }
  bool lead(View view, std::vector<Timeout> others, Out& out) override {
    const auto fork = memory_.fork_point();
    if (!fork || !same_chance(usurps_, view.value)) return false;
    others.resize(setup_.chain.tc_quorum() - 1);
    Tip tip = fork->parent->tip();
    tip.view = view.previous();
    tip.qc_view = view;
    others.push_back(author_.timeout(view.previous(), tip));
    const BlockPtr block =
        build({view, fork->parent, fork->qc, std::move(others), memory_.spare()}, out);
    if (!block) return false;
    show(block, memory_.quietest_first(), out);
    vote_for(*block, out);
    return true;
  }

  const std::int64_t view_by_;
  const std::int64_t qc_view_by_;
  const Share usurps_;
};

}  // namespace

std::vector<AdversaryKind> timeout_kinds() {
  return {
      {"stale_tips",
       "gives views up with a tip that it stood on long ago",
       {count("lag", "so many tips back; 0: the genesis", 0, 0, 1000),
        share("share", "in so many views", kWhole)},
       make<StaleTips>},
      {"lying_tips",
       "gives views up with a tip that it does not stand on",
       {word("kind",
             "\"nowhere\": an invented block of the highest view, \"other\": a block that it "
             "knows, \"split\": not the same to everybody, \"any\": by turns",
             {"any", "nowhere", "other", "split"}),
        share("share", "in so many views", kWhole)},
       make<LyingTips>},
      {"lying_rank",
       "claims ranks that are not the tip's own, and builds on them",
       {count("view_by", "added to the tip's view, at most up to the view given up", 0, -1000,
              1000),
        count("qc_view_by", "added to the view of its QC", 1, -1000, 1000),
        share("usurps", "of the views that it leads it builds below a committed block",
              kWhole / 2)},
       make<LyingRank>},
  };
}

}  // namespace waggle::sim
