#include "sim/world/buggifier.hpp"

namespace waggle::sim {

bool Buggifier::strikes(Place place) noexcept {
  const auto chance = options_.chances.find(place);
  if (chance == options_.chances.end() || events_.now() >= options_.until) return false;
  if (!rng_.chance(chance->second)) return false;
  const auto number = static_cast<std::size_t>(place);
  ++struck_[number];
  trace_.note(
      events_.now(),
      {.kind = EventKind::kStrike, .replica = address_.value, .name = places()[number].name});
  return true;
}

}  // namespace waggle::sim
