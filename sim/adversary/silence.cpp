// Replicas that say less than they should: crashed, mute, slow, or without memory.
#include <algorithm>

#include "sim/adversary/families.hpp"
#include "sim/adversary/memory.hpp"

namespace waggle::sim {
namespace {

using chained::Message;
using chained::Proposal;
using std::chrono::milliseconds;

/// Neither says nor hears anything in some views, as far as it can tell the view.
class Crash final : public Adversary {
 public:
  Crash(const AdversarySetup&, const Parameters& parameters)
      : first_(count_of(parameters, "first_view")), views_(count_of(parameters, "views")) {}

  void tamper(Outgoing message, Out& out) override {
    look(message.message);
    if (!dead()) out.push_back(std::move(message));
  }
  void hear(ReplicaId, const Message& message, Out&) override { look(message); }
  bool lets_in(ReplicaId, const Message&) override { return !dead(); }

 private:
  void look(const Message& message) { view_ = std::max(view_, view_of(message).value); }
  bool dead() const { return view_ >= first_ && (views_ == 0 || view_ - first_ < views_); }

  const std::uint64_t first_;
  const std::uint64_t views_;
  std::uint64_t view_ = 1;
};

/// Hears everything and says nothing: to all, or to those after it in a ring.
class Mute final : public Adversary {
 public:
  Mute(const AdversarySetup& setup, const Parameters& parameters)
      : self_(setup.self.value), n_(setup.chain.n()), deaf_(count_of(parameters, "receivers")) {}

  void tamper(Outgoing message, Out& out) override {
    const std::uint32_t distance = (message.to.value + n_ - self_) % n_;
    if (deaf_ != 0 && distance > deaf_) out.push_back(std::move(message));
  }

 private:
  const std::uint32_t self_;
  const std::uint32_t n_;
  const std::uint64_t deaf_;
};

class MuteLeader final : public Adversary {
 public:
  MuteLeader(const AdversarySetup&, const Parameters& parameters)
      : share_(share_of(parameters, "share")) {}

  void tamper(Outgoing message, Out& out) override {
    const bool proposal = std::holds_alternative<Proposal>(message.message);
    if (proposal && same_chance(share_, view_of(message.message).value)) return;
    out.push_back(std::move(message));
  }

 private:
  const Share share_;
};

/// Proposes when the others are about to give up the view.
class SlowLeader final : public Adversary {
 public:
  SlowLeader(const AdversarySetup& setup, const Parameters& parameters)
      : delay_(std::max(setup.pacemaker.view_timeout - Duration{value_of(parameters, "margin")},
                        Duration{0})) {}

  void tamper(Outgoing message, Out& out) override {
    if (std::holds_alternative<Proposal>(message.message)) message.delay += delay_;
    out.push_back(std::move(message));
  }

 private:
  const Duration delay_;
};

class Amnesia final : public Adversary {
 public:
  Amnesia(const AdversarySetup&, const Parameters& parameters)
      : every_(count_of(parameters, "every")) {}

  bool forgets() override { return ++restarts_ % every_ == 0; }

 private:
  const std::uint64_t every_;
  std::uint64_t restarts_ = 0;
};

}  // namespace

std::vector<AdversaryKind> silence_kinds() {
  return {
      {"crash",
       "neither says nor hears anything in some views",
       {count("first_view", "the first of them", 1, 1, 1'000'000'000),
        count("views", "how many; 0: all that follow", 0, 0, 1'000'000'000)},
       make<Crash>},
      {"mute",
       "hears everything and says nothing",
       {count("receivers", "to so many of the others; 0: to all", 0, 0, 255)},
       make<Mute>},
      {"mute_leader",
       "does not propose",
       {share("share", "in so many of its views", kWhole)},
       make<MuteLeader>},
      {"slow_leader",
       "proposes just before the others give up its view",
       {duration("margin", "so long before", milliseconds(10), std::chrono::hours(1))},
       make<SlowLeader>},
      {"amnesia",
       "comes back from restarts as if it were new, with an empty disk",
       {count("every", "from every so-manieth restart", 1, 1, 1000)},
       make<Amnesia>},
  };
}

}  // namespace waggle::sim
