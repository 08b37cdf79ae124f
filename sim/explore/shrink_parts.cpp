// Passes over what a scenario is made of.
#include <algorithm>
#include <set>

#include "sim/explore/shrinker.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;

/// Steps that name a block which nobody makes any more are gone, too.
void drop_step(Plan& plan, std::size_t at) {
  plan.erase(plan.begin() + static_cast<std::ptrdiff_t>(at));
  std::set<std::string> made;
  std::erase_if(plan, [&made](const PlanStep& step) {
    const auto needed = names_needed(step);
    const bool possible = std::all_of(needed.begin(), needed.end(),
                                      [&made](const auto& name) { return made.contains(name); });
    if (!possible) return true;
    if (const auto* block = std::get_if<BlockStep>(&step.what)) made.insert(block->name);
    return false;
  });
}

void leave_out_steps(Shrinker& shrinker) {
  for (std::size_t a = 0; a < shrinker.scenario().adversaries.size(); ++a) {
    const auto plan = [&shrinker, a]() -> const Plan& {
      return shrinker.scenario().adversaries[a].plan;
    };
    for (std::size_t at = plan().size(); at-- > 0;) {
      if (at >= plan().size()) continue;
      const auto drop = [a, at](Scenario& s) { drop_step(s.adversaries[a].plan, at); };
      if (shrinker.change(drop)) continue;
      for (std::size_t to = plan()[at].to.size(); to-- > 0;) {
        shrinker.change([a, at, to](Scenario& s) {
          auto& receivers = s.adversaries[a].plan[at].to;
          receivers.erase(receivers.begin() + static_cast<std::ptrdiff_t>(to));
        });
      }
    }
  }
}

/// One replica less in a fault, as long as there are two.
void leave_out_replicas(Shrinker& shrinker) {
  for (std::size_t i = 0; i < shrinker.scenario().faults.size(); ++i) {
    for (std::size_t at = shrinker.scenario().faults[i].replicas.size(); at-- > 0;) {
      if (shrinker.scenario().faults[i].replicas.size() < 2) break;
      shrinker.change([i, at](Scenario& s) {
        auto& replicas = s.faults[i].replicas;
        replicas.erase(replicas.begin() + static_cast<std::ptrdiff_t>(at));
      });
    }
  }
}

/// Replicas that are no more take no part in anything.
void shrink_to(Scenario& scenario, std::uint32_t n) {
  scenario.world.n = n;
  scenario.world.network.links.clear();
  scenario.world.network.regions = {};
  const auto gone = [n](std::uint32_t id) { return id >= n; };
  for (FaultSpec& fault : scenario.faults) {
    std::erase_if(fault.replicas, gone);
    if (auto* partition = std::get_if<PartitionFault>(&fault.what)) {
      for (auto& group : partition->groups) std::erase_if(group, gone);
    } else if (auto* cut = std::get_if<CutFault>(&fault.what)) {
      std::erase_if(cut->from, gone);
      std::erase_if(cut->to, gone);
    } else if (auto* message = std::get_if<MessageFault>(&fault.what)) {
      std::erase_if(message->rule.from, gone);
      std::erase_if(message->rule.to, gone);
    }
  }
  for (AdversarySpec& adversary : scenario.adversaries) std::erase_if(adversary.replicas, gone);
  std::erase_if(scenario.adversaries,
                [](const AdversarySpec& adversary) { return adversary.replicas.empty(); });
}

}  // namespace

void leave_out_parts(Shrinker& shrinker) {
  for (const auto aim : {Shrinker::Aim::kPlainer, Shrinker::Aim::kSmaller}) {
    shrinker.leave_out(
        [](auto& s) -> auto& { return s.adversaries; }, aim);
    shrinker.leave_out(
        [](auto& s) -> auto& { return s.faults; }, aim);
    shrinker.leave_out(
        [](auto& s) -> auto& { return s.world.buggify.chances; }, aim);
  }
  leave_out_replicas(shrinker);
  leave_out_steps(shrinker);
  for (const std::uint32_t n : {4U, 7U}) {
    if (n >= shrinker.scenario().world.n || !shrinker.scenario().world.twins.empty()) continue;
    shrinker.change_somehow([n](Scenario& s) { shrink_to(s, n); }, Shrinker::Aim::kPlainer);
  }
}

void lessen_load(Shrinker& shrinker) {
  const auto fewer = [&shrinker](const auto& count, std::uint32_t least) {
    const auto set = [&](std::uint32_t to) {
      return shrinker.change_somehow([&](Scenario& s) { count(s) = to; });
    };
    for (;;) {
      Scenario now = shrinker.scenario();
      const std::uint32_t value = count(now);
      if (value <= least || shrinker.exhausted()) return;
      if (!set(least) && !set(std::max(value / 2, least)) && !set(value - 1)) return;
    }
  };
  fewer([](Scenario& s) -> std::uint32_t& { return s.clients; }, 1);
  fewer([](Scenario& s) -> std::uint32_t& { return s.plan.commands; }, 1);
  fewer([](Scenario& s) -> std::uint32_t& { return s.plan.in_flight_max; }, 1);
  fewer([](Scenario& s) -> std::uint32_t& { return s.plan.batch_max; }, 1);
  fewer([](Scenario& s) -> std::uint32_t& { return s.plan.padding; }, 0);
  const ClientPlan usual;
  shrinker.change_somehow([&usual](Scenario& s) { s.plan.mix = usual.mix, s.plan.keys = 0; });
  shrinker.change_somehow([](Scenario& s) { s.plan.think_max = Duration{1}; });
  for (const Duration retry : {Duration{0}, Duration{milliseconds(300)}}) {
    shrinker.change_somehow([retry](Scenario& s) { s.plan.retry = retry; });
  }
}

namespace {

FaultSpec for_good(decltype(FaultSpec::what) what) {
  FaultSpec fault;
  fault.what = std::move(what);
  return fault;
}

}  // namespace

void silence_messages(Shrinker& shrinker) {
  static constexpr std::string_view kKinds[] = {
      "certificate",      "heartbeat",     "forward", "report", "branch_request", "branch",
      "rejoin_challenge", "rejoin_report", "timeout", "vote",   "proposal"};
  const std::uint32_t n = shrinker.scenario().world.n;
  const auto try_rule = [&shrinker](const WireRule& rule) {
    return shrinker.change(
        [&rule](Scenario& s) { s.faults.push_back(for_good(MessageFault{rule})); });
  };
  for (std::uint32_t from = 0; from < n; ++from) {
    for (std::uint32_t to = 0; to < n; ++to) {
      if (from == to) continue;
      shrinker.change([=](Scenario& s) { s.faults.push_back(for_good(CutFault{{from}, {to}})); });
    }
  }
  for (const std::string_view kind : kKinds) {
    WireRule rule;
    rule.kind = kind;
    if (try_rule(rule)) continue;
    for (std::uint32_t id = 0; id < n; ++id) {
      WireRule to = rule;
      to.to = {id};
      try_rule(to);
      WireRule from = rule;
      from.from = {id};
      try_rule(from);
    }
  }
}

void try_other_seeds(Shrinker& shrinker) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    shrinker.change([seed](Scenario& s) { s.world.seed = seed; });
  }
}

}  // namespace waggle::sim
