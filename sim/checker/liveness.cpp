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
  if (!open) return;
  const Duration submitted = open.mapped();
  by_time_.erase({submitted, client, number});
  if (is_late(submitted)) fail_late(client, number, submitted, "acknowledged only");
}

void Liveness::on_time() {
  if (by_time_.empty()) return;
  const auto& [submitted, client, number] = *by_time_.begin();
  if (is_late(submitted)) fail_late(client, number, submitted, "not acknowledged");
}

bool Liveness::is_late(Duration submitted) const {
  return healed_at_ && std::max(submitted, *healed_at_) + bound_ < now();
}

void Liveness::fail_late(const ClientId& client, std::uint64_t number, Duration submitted,
                         const std::string& what) {
  fail("command " + std::to_string(number) + " of client " + short_hex(client) + ", submitted " +
       told(submitted) + ", is " + what + " " + told(now()) + "; the network healed " +
       told(*healed_at_) + " and the bound is " + std::to_string(bound_.count() / 1000) + " ms");
}

}  // namespace waggle::sim
