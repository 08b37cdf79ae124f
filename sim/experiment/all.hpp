#pragma once

#include "sim/experiment/experiment.hpp"

namespace waggle::sim {

// One file each.
extern const Experiment kCost;
extern const Experiment kCrashes;
extern const Experiment kFailedViews;
extern const Experiment kHollowChain;
extern const Experiment kHonestLeaders;
extern const Experiment kLeaderTargeting;
extern const Experiment kPlantedBugs;

}  // namespace waggle::sim
