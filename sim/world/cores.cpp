#include "sim/world/cores.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "consensus/baselines/beegees.hpp"
#include "consensus/baselines/chained_hotstuff.hpp"
#include "consensus/baselines/fast_hotstuff.hpp"
#include "consensus/pbeegees/rules.hpp"

namespace waggle::sim {

std::span<const std::string_view> core_names() {
  static constexpr std::array<std::string_view, 4> kNames = {"pbeegees", "beegees",
                                                             "chained-hotstuff", "fast-hotstuff"};
  return kNames;
}

std::unique_ptr<const chained::Rules> make_rules(std::string_view core,
                                                 const chained::Guards& guards) {
  if (core == "pbeegees") return std::make_unique<pbeegees::Rules>(guards);
  if (core == "beegees") return std::make_unique<baselines::BeeGees>(guards);
  if (core == "chained-hotstuff") return std::make_unique<baselines::ChainedHotStuff>(guards);
  if (core == "fast-hotstuff") return std::make_unique<baselines::FastHotStuff>(guards);
  return nullptr;
}

bool tips_follow_votes(std::string_view core) { return core == "pbeegees" || core == "beegees"; }

std::uint32_t default_depth_max(std::string_view core, std::uint32_t f) {
  if (core == "pbeegees") return std::max(f, 1U);
  return std::numeric_limits<std::uint32_t>::max();
}

}  // namespace waggle::sim
