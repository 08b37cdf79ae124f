#include "smr/client/preference.hpp"

#include <algorithm>

namespace waggle::client {

std::vector<ReplicaId> Preference::order() const {
  std::vector<ReplicaId> order;
  for (const bool last : {false, true}) {
    for (std::size_t i = 0; i < let_down_.size(); ++i) {
      const auto id = static_cast<std::uint32_t>((first_ + i) % let_down_.size());
      if (let_down_[id] == last) order.push_back(ReplicaId{id});
    }
  }
  return order;
}

void Preference::answered_first(ReplicaId replica) {
  if (!let_down_[replica.value]) first_ = replica.value;
}

void Preference::let_down(ReplicaId replica) {
  let_down_[replica.value] = true;
  const auto stood_by = std::find(let_down_.begin(), let_down_.end(), false);
  if (stood_by != let_down_.end()) return;
  let_down_.assign(let_down_.size(), false);
  let_down_[replica.value] = true;
}

}  // namespace waggle::client
