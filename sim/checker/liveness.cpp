#include "sim/checker/liveness.hpp"

#include <algorithm>

namespace waggle::sim {

void Liveness::on_submitted(const ClientId& client, std::uint64_t number, const app::KvCommand&) {
  open_.emplace(std::pair(client, number), now());
  by_time_.emplace(now(), client, number);
}

void Liveness::on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed&,
                               const app::KvResult&) {
  const auto open = open_.extract(std::pair(client, number));
  if (open) by_time_.erase({open.mapped(), client, number});
}

void Liveness::on_time() {
  if (!healed_at_ || by_time_.empty()) return;
  const auto& [submitted, client, number] = *by_time_.begin();
  if (std::max(submitted, *healed_at_) + bound_ >= now()) return;
  fail("command " + std::to_string(number) + " of client " + short_hex(client) + ", submitted " +
       told(submitted) + ", is not acknowledged " + told(now()) + "; the network healed " +
       told(*healed_at_) + " and the bound is " + std::to_string(bound_.count() / 1000) + " ms");
}

}  // namespace waggle::sim
