#include "sim/world/leader_blocker.hpp"

#include <algorithm>

namespace waggle::sim {

void LeaderBlocker::start() {
  world_.watch_views([this](View view) {
    // Never at once: whoever entered the view is in the midst of it.
    world_.events().after(plan_.reaction, [this, view] { aim(view); });
  });
  aim(std::max(world_.metrics().highest_view(), View{1}));
}

void LeaderBlocker::stop() {
  stopped_ = true;
  for (const ReplicaId id : blocked_) cut_off(id, false);
  blocked_.clear();
}

void LeaderBlocker::aim(View highest) {
  if (stopped_ || highest <= aimed_at_) return;
  aimed_at_ = highest;
  std::set<ReplicaId> next;
  for (std::uint64_t ahead = 1; ahead <= plan_.count; ++ahead) {
    next.insert(world_.chain().leader(View{highest.value + ahead}));
  }
  for (const ReplicaId id : next) {
    if (!blocked_.contains(id)) cut_off(id, true);
  }
  for (const ReplicaId id : blocked_) {
    if (!next.contains(id)) cut_off(id, false);
  }
  blocked_ = std::move(next);
}

void LeaderBlocker::cut_off(ReplicaId replica, bool cut) {
  const auto change = [&](Address from, Address to) {
    cut ? world_.cut(from, to) : world_.uncut(from, to);
  };
  for (std::uint32_t number = 0; number < world_.addresses(); ++number) {
    const Address other{number};
    if (world_.identity(other) == replica) continue;
    world_.for_each_address(replica, [&](Address at) {
      change(at, other);
      change(other, at);
    });
  }
}

}  // namespace waggle::sim
