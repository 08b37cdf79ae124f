#include <algorithm>
#include <array>

#include "sim/experiment/all.hpp"

namespace waggle::sim {

std::span<const Experiment* const> experiments() {
  static constexpr std::array kAll = {
      &kCrashes,         &kFailedViews,    &kHonestLeaders,    &kHollowChain,      &kCost,
      &kLeaderTargeting, &kBlockedActors,  &kMedianRegimes,    &kMedianAgreement,  &kMedianLatency,
      &kMedianSplit,     &kMedianRecovery, &kMedianBalance,    &kMedianParameters, &kSealedBlocking,
      &kCertificates,    &kPlantedBugs,    &kPlantedBugsMedian};
  return kAll;
}

const Experiment* find_experiment(std::string_view name) {
  const auto all = experiments();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const Experiment* one) { return one->name == name; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace waggle::sim
