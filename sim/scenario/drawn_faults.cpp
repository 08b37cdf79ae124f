// Random faults, written down one by one.
#include "sim/scenario/fault_player.hpp"

namespace waggle::sim {
namespace {

/// When the links that were cut at strike `i` work again: at the next general healing.
Duration healed_after(const std::vector<Strike>& strikes, std::size_t i, Duration end) {
  for (; i < strikes.size(); ++i) {
    if (strikes[i].kind == Strike::Kind::kHeal) return strikes[i].at;
  }
  return end;
}

void add_cuts(const Strike& strike, Duration end, std::vector<FaultSpec>& faults) {
  for (const auto& [from, to] : strike.cut) {
    FaultSpec fault;
    fault.at = strike.at;
    fault.lasts = end - strike.at;
    fault.what = CutFault{{from.value}, {to.value}};
    faults.push_back(std::move(fault));
  }
}

}  // namespace

std::vector<FaultSpec> FaultPlayer::drawn() const {
  std::vector<FaultSpec> faults;
  for (const Playing& playing : playing_) {
    if (!playing.nemesis) continue;
    const Duration end = playing.spec->at + *playing.spec->lasts;
    const std::vector<Strike>& strikes = playing.nemesis->strikes();
    for (std::size_t i = 0; i < strikes.size(); ++i) {
      const Strike& strike = strikes[i];
      if (strike.kind == Strike::Kind::kHeal) continue;
      if (strike.kind == Strike::Kind::kCut) {
        add_cuts(strike, healed_after(strikes, i, end), faults);
        continue;
      }
      FaultSpec fault;
      fault.at = strike.at;
      fault.lasts = strike.down;
      fault.replicas = {strike.replica.value};
      if (strike.kind == Strike::Kind::kLostDisk) {
        fault.what = LostDiskFault{};
      } else {
        fault.what = CrashFault{};
      }
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

}  // namespace waggle::sim
