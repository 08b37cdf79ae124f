#include "sim/scenario/fault_player.hpp"

#include <algorithm>

#include "sim/base/overloaded.hpp"

namespace waggle::sim {

FaultPlayer::FaultPlayer(World& world, const Scenario& scenario)
    : world_(world), scenario_(scenario) {
  for (const FaultSpec& spec : scenario.faults) {
    playing_.push_back({&spec, {}, nullptr, nullptr});
    healed_at_ = std::max(healed_at_, spec.at + spec.lasts.value_or(Duration{0}));
  }
  for (const AdversarySpec& spec : scenario.adversaries) {
    healed_at_ = std::max(healed_at_, spec.until.value_or(spec.from));
  }
  if (!scenario.world.buggify.chances.empty()) {
    healed_at_ = std::max(healed_at_, scenario.world.buggify.until);
  }
  if (scenario.world.network.before_gst) {
    healed_at_ = std::max(healed_at_, scenario.world.network.gst);
  }
}

void FaultPlayer::schedule() {
  for (const AdversarySpec& spec : scenario_.adversaries) play_adversary(spec);
  for (Playing& playing : playing_) {
    const FaultSpec& spec = *playing.spec;
    world_.events().at(spec.at, [this, &playing] { begin(playing); });
    if (!spec.lasts) continue;
    world_.events().at(spec.at + *spec.lasts, [this, &playing] { end(playing); });
  }
  world_.events().at(healed_at_, [this] { world_.judge().on_healed(); });
}

void FaultPlayer::play_adversary(const AdversarySpec& spec) {
  for (const std::uint32_t id : spec.replicas) {
    const auto made = std::make_shared<const Adversary*>(nullptr);
    const auto corrupt = [this, &spec, id, made] {
      *made = &world_.corrupt(Address{id}, *spec.kind, spec.parameters, &spec.plan);
    };
    if (spec.from == Duration{0}) {
      corrupt();
    } else {
      world_.expect_lies(Address{id});
      world_.events().at(spec.from, corrupt);
    }
    if (!spec.until) continue;
    world_.events().at(*spec.until,
                       [this, id, made] { world_.chained(Address{id}).remove_adversary(*made); });
  }
}

void FaultPlayer::begin(Playing& playing) {
  const FaultSpec& spec = *playing.spec;
  const bool for_good = !spec.lasts;
  const auto each = [&](const auto& call) {
    for (const std::uint32_t id : spec.replicas) call(Address{id});
  };
  const auto away = [&](Address id) {
    if (for_good) world_.expect_away(id);
  };
  const auto take_down = [&](Address id) { away(id), world_.keep_down(id); };
  std::visit(Overloaded{
                 [&](const CrashFault& fault) {
                   each([&](Address id) { take_down(id), world_.crash(id, fault.how); });
                 },
                 [&](const PauseFault&) {
                   each([&](Address id) { away(id), world_.replica(id).pause(); });
                 },
                 [&](const LostDiskFault&) {
                   each([&](Address id) { take_down(id), world_.lose_disk(id); });
                 },
                 [&](const PartitionFault& fault) { begin_partition(fault, for_good); },
                 [&](const CutFault&) {
                   for_each_cut(spec, [this](Address a, Address b) { world_.cut(a, b); });
                 },
                 [&](const MessageFault& fault) {
                   playing.rules.push_back(world_.network().add_rule(fault.rule));
                 },
                 [&](const RotFault& fault) {
                   each([&](Address id) {
                     for (std::uint32_t i = 0; i < fault.records; ++i) world_.rot(id);
                   });
                 },
                 [&](const FullDiskFault&) {
                   each([&](Address id) { world_.replica(id).disk().fill(true); });
                 },
                 [&](const FailingDiskFault&) {
                   each([&](Address id) { world_.replica(id).disk().fail_writes(true); });
                 },
                 [&](const SlowDiskFault& fault) {
                   each([&](Address id) { world_.replica(id).disk().slow_down(fault.factor); });
                 },
                 [&](const DriftFault& fault) {
                   each([&](Address id) { world_.replica(id).set_drift(fault.ppm); });
                 },
                 [&](const WriteCrashFault& fault) {
                   each([&](Address id) { world_.replica(id).crash_plan = fault.plan; });
                 },
                 [&](const RandomFault& fault) {
                   playing.nemesis = std::make_unique<Nemesis>(world_, fault.plan);
                   playing.nemesis->start();
                 },
                 [&](const LeaderBlockFault& fault) {
                   playing.blocker = std::make_unique<LeaderBlocker>(world_, fault.plan);
                   playing.blocker->start();
                 },
             },
             spec.what);
}

void FaultPlayer::end(Playing& playing) {
  const FaultSpec& spec = *playing.spec;
  const auto each = [&](const auto& call) {
    for (const std::uint32_t id : spec.replicas) call(Address{id});
  };
  const auto release = [&] { each([&](Address id) { world_.release(id); }); };
  const auto restart = [&] { each([&](Address id) { world_.restart(id); }); };
  const auto repair = [&](Address id) {
    Replica& replica = world_.replica(id);
    replica.disk().fill(false);
    replica.disk().fail_writes(false);
    replica.repair();
    world_.restart(id);
  };
  const auto uncut = [this](Address a, Address b) { world_.uncut(a, b); };
  std::visit(
      Overloaded{
          [&](const CrashFault&) { release(); },
          [&](const PauseFault&) { each([&](Address id) { world_.replica(id).resume(); }); },
          [&](const LostDiskFault&) { release(); },
          [&](const PartitionFault&) { for_each_cut(spec, uncut); },
          [&](const CutFault&) { for_each_cut(spec, uncut); },
          [&](const MessageFault&) {
            for (const std::uint64_t rule : playing.rules) world_.network().remove_rule(rule);
          },
          [&](const RotFault&) {},
          [&](const FullDiskFault&) { each(repair); },
          [&](const FailingDiskFault&) { each(repair); },
          [&](const SlowDiskFault&) {
            each([&](Address id) { world_.replica(id).disk().slow_down(1); });
          },
          [&](const DriftFault&) { each([&](Address id) { world_.replica(id).set_drift(0); }); },
          [&](const WriteCrashFault&) {
            each([&](Address id) { world_.replica(id).crash_plan = {}; });
            restart();
          },
          [&](const RandomFault&) {
            playing.nemesis->stop();
            world_.heal_cuts();
            for (std::uint32_t id = 0; id < world_.addresses(); ++id) world_.restart(Address{id});
          },
          [&](const LeaderBlockFault&) { playing.blocker->stop(); },
      },
      spec.what);
}

void FaultPlayer::begin_partition(const PartitionFault& fault, bool for_good) {
  std::vector<std::uint32_t> sizes(fault.groups.size() + 1);
  for (std::uint32_t id = 0; id < world_.addresses(); ++id)
    ++sizes[group_of(fault.groups, Address{id})];
  for (std::uint32_t a = 0; a < world_.addresses(); ++a) {
    const std::size_t group = group_of(fault.groups, Address{a});
    if (for_good && sizes[group] < world_.needed()) world_.expect_away(Address{a});
    for (std::uint32_t b = 0; b < world_.addresses(); ++b) {
      if (group_of(fault.groups, Address{b}) != group) world_.cut(Address{a}, Address{b});
    }
  }
}

void FaultPlayer::for_each_cut(const FaultSpec& spec,
                               const std::function<void(Address, Address)>& call) {
  if (const auto* cut = std::get_if<CutFault>(&spec.what)) {
    for (const std::uint32_t a : cut->from) {
      for (const std::uint32_t b : cut->to) call(Address{a}, Address{b});
    }
    return;
  }
  const auto& partition = std::get<PartitionFault>(spec.what);
  for (std::uint32_t a = 0; a < world_.addresses(); ++a) {
    for (std::uint32_t b = 0; b < world_.addresses(); ++b) {
      if (group_of(partition.groups, Address{a}) != group_of(partition.groups, Address{b}))
        call(Address{a}, Address{b});
    }
  }
}

}  // namespace waggle::sim
