#pragma once

#include "sim/experiment/experiment.hpp"

namespace waggle::sim {

// One file each.
extern const Experiment kBlockedActors;
extern const Experiment kCertificates;
extern const Experiment kCost;
extern const Experiment kCrashes;
extern const Experiment kFailedViews;
extern const Experiment kHollowChain;
extern const Experiment kHonestLeaders;
extern const Experiment kLeaderTargeting;
extern const Experiment kMedianAgreement;
extern const Experiment kMedianBalance;
extern const Experiment kMedianLatency;
extern const Experiment kMedianParameters;
extern const Experiment kMedianRecovery;
extern const Experiment kMedianRegimes;
extern const Experiment kMedianSplit;
extern const Experiment kPlantedBugs;
extern const Experiment kPlantedBugsMedian;
extern const Experiment kSealedBlocking;

}  // namespace waggle::sim
