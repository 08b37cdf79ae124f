#include "sim/world/nemesis.hpp"

namespace waggle::sim {

void Nemesis::next() {
  world_.events().after(rng_.between(Duration{1000}, plan_.gap_max), [this] {
    if (stopped_) return;
    strike();
    next();
  });
}

void Nemesis::strike() {
  const std::uint32_t total = plan_.partition + plan_.one_way_cut + plan_.heal + plan_.crash +
                              plan_.crash_all + plan_.lost_disk;
  std::uint64_t draw = rng_.below(total);
  const auto hits = [&draw](std::uint32_t weight) {
    if (draw < weight) return true;
    draw -= weight;
    return false;
  };
  if (hits(plan_.partition)) {
    partition();
  } else if (hits(plan_.one_way_cut)) {
    const Address from = any();
    const Address to = any();
    if (from != to) cut({{from, to}});
  } else if (hits(plan_.heal)) {
    world_.heal_cuts();
    strikes_.push_back({.kind = Strike::Kind::kHeal, .at = world_.events().now(), .replica = {}});
  } else if (hits(plan_.crash)) {
    crash(any());
  } else if (hits(plan_.crash_all)) {
    for (std::uint32_t at = 0; at < world_.addresses(); ++at) crash(Address{at});
  } else {
    lose_disk();
  }
}

void Nemesis::partition() {
  const std::uint64_t sides = rng_.next();
  const auto side = [sides](std::uint32_t id) { return sides >> id & 1; };
  std::vector<std::pair<Address, Address>> links;
  for (std::uint32_t a = 0; a < world_.addresses(); ++a) {
    for (std::uint32_t b = 0; b < world_.addresses(); ++b) {
      if (side(a) != side(b)) links.emplace_back(Address{a}, Address{b});
    }
  }
  cut(std::move(links));
}

void Nemesis::cut(std::vector<std::pair<Address, Address>> links) {
  for (const auto& [from, to] : links) world_.cut(from, to);
  strikes_.push_back({.kind = Strike::Kind::kCut,
                      .at = world_.events().now(),
                      .replica = {},
                      .cut = std::move(links)});
}

void Nemesis::crash(Address at) {
  world_.crash(at);
  const Duration down = restart_later(at);
  strikes_.push_back({Strike::Kind::kCrash, world_.events().now(), down, at});
}

Duration Nemesis::restart_later(Address at) {
  const Duration down = rng_.between(Duration{100}, plan_.down_max);
  world_.events().after(down, [this, at] { world_.restart(at); });
  return down;
}

void Nemesis::lose_disk() {
  const Address victim = any();
  if (world_.lies(world_.identity(victim))) return;
  std::uint32_t faulty = 1;
  for (std::uint32_t at = 0; at < world_.n(); ++at) {
    const ReplicaId id{at};
    if (Address{id} == victim) continue;
    faulty += world_.lies(id) || world_.replica(id).forgetful() ? 1 : 0;
  }
  if (faulty > world_.faulty_max()) return;
  world_.lose_disk(victim);
  const Duration down = restart_later(victim);
  strikes_.push_back({Strike::Kind::kLostDisk, world_.events().now(), down, victim});
}

}  // namespace waggle::sim
