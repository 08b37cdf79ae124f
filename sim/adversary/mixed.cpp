// All strategies in one replica, one at a time.
#include "sim/adversary/families.hpp"
#include "sim/adversary/memory.hpp"

namespace waggle::sim {
namespace {

using chained::Message;

/// All of them hear everything; the view decides which one acts, the same towards everybody.
class Mixed final : public Adversary {
 public:
  Mixed(const AdversarySetup& setup, const Parameters& parameters)
      : self_(setup.self), views_(count_of(parameters, "views")) {
    AdversarySetup own = setup;
    for (const AdversaryKind& kind : adversary_kinds()) {
      const bool whole =
          kind.name == "crash" || kind.name == "amnesia" || kind.name == "mixed" || kind.has_plan;
      if (whole) continue;  // these are about more than a view
      own.rng = own.rng.fork();
      all_.push_back(kind.make(own, defaults_of(kind)));
    }
  }

  void tamper(Outgoing message, Out& out) override {
    const View about = view_of(message.message);
    view_ = std::max(view_, about);
    Adversary& acting = current(about == View{0} ? view_ : about);
    for (const auto& one : all_) {
      Out ignored;
      one->tamper(message, one.get() == &acting ? out : ignored);
    }
  }
  void hear(ReplicaId from, const Message& message, Out& out) override {
    const Adversary& acting = current(view_);
    for (const auto& one : all_) {
      Out ignored;
      one->hear(from, message, one.get() == &acting ? out : ignored);
    }
  }

 private:
  Adversary& current(View view) {
    const std::uint64_t draw = Random(view.value / views_ * 7919 + self_.value).next();
    return *all_[draw % all_.size()];
  }

  const ReplicaId self_;
  const std::uint64_t views_;
  std::vector<std::unique_ptr<Adversary>> all_;
  View view_{1};  ///< The highest it spoke in.
};

}  // namespace

AdversaryKind mixed_kind() {
  return {"mixed",
          "another one of these every few views, with its defaults",
          {count("views", "so many at a time", 1, 1, 1000)},
          make<Mixed>};
}

}  // namespace waggle::sim
