#include "sim/checker/states.hpp"

namespace waggle::sim {

void States::on_executed(ReplicaId replica, const smr::Executed& position) {
  const Entry* known = states_.find(position.height);
  if (known != nullptr && known->digest != position.digest) {
    return fail(told(replica) + " has state " + short_hex(position.digest) + " at " +
                told(position.height) + " " + told(now()) + ", but " + told(known->by) + " had " +
                short_hex(known->digest) + " " + told(known->at));
  }
  if (position.height != states_.end()) return;
  states_.append({position.digest, replica, now()});
  states_.forget_up_to(stage_.forgotten);
}

}  // namespace waggle::sim
