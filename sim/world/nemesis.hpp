#pragma once

#include "sim/world/world.hpp"

namespace waggle::sim {

struct NemesisPlan {
  Duration gap_max = std::chrono::milliseconds(120);   ///< Between two faults.
  Duration down_max = std::chrono::milliseconds(400);  ///< How long a crashed replica stays away.
  std::uint32_t partition = 3;                         ///< These are weights.
  std::uint32_t one_way_cut = 3;
  std::uint32_t heal = 4;
  std::uint32_t crash = 4;
  std::uint32_t crash_all = 1;
  std::uint32_t lost_disk = 0;
};

/// One fault that a nemesis drew.
struct Strike {
  enum class Kind : std::uint8_t { kCut, kHeal, kCrash, kLostDisk };
  Kind kind;
  Duration at;
  Duration down{0};                                   ///< Of a crash or lost disk.
  Address replica;                                    ///< Of these, too.
  std::vector<std::pair<Address, Address>> cut = {};  ///< From and to.
};

/// Draws one fault after the other. Lost disks and Byzantine replicas together stay within f at
/// any time; crashes know no such bound, because what was signed survives them.
class Nemesis {
 public:
  Nemesis(World& world, const NemesisPlan& plan)
      : world_(world), plan_(plan), rng_(world.rng().fork()) {}

  void start() { next(); }
  void stop() { stopped_ = true; }
  /// All of them so far.
  const std::vector<Strike>& strikes() const noexcept { return strikes_; }

 private:
  void next();
  void strike();
  void partition();
  void crash(Address at);
  void lose_disk();
  void cut(std::vector<std::pair<Address, Address>> links);
  Duration restart_later(Address at);
  Address any() { return Address{static_cast<std::uint32_t>(rng_.below(world_.addresses()))}; }

  World& world_;
  NemesisPlan plan_;
  Random rng_;
  bool stopped_ = false;
  std::vector<Strike> strikes_;
};

}  // namespace waggle::sim
