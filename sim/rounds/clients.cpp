#include "sim/rounds/clients.hpp"

namespace waggle::sim::rounds {

void Clients::submit(std::uint32_t count, median::Round now) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (idle_.empty()) {
      idle_.push_back(static_cast<std::uint32_t>(numbers_.size()));
      numbers_.push_back(0);
    }
    const std::uint32_t client = idle_.front();
    idle_.pop_front();
    median::Command command{.number = ++numbers_[client]};
    for (std::size_t byte = 0; byte < 4; ++byte) {
      command.client.bytes[31 - byte] = static_cast<std::uint8_t>((client + 1) >> (8 * byte));
    }
    command.digest.bytes = command.client.bytes;  // one command for each client and number
    pending_.push_back({table_.intern(command), client, now});
    ++submitted_;
  }
}

std::optional<median::Handle> Clients::in_flight(std::uint32_t client) const {
  for (const Pending& pending : pending_) {
    if (pending.client == client) return pending.command;
  }
  return std::nullopt;
}

void Clients::acknowledge(const Pending& pending, median::Round now) {
  const median::Round took = now - pending.submitted;
  if (took >= latencies_.size()) latencies_.resize(took + 1);
  ++latencies_[took];
  ++acknowledged_;
  idle_.push_back(pending.client);
}

median::Round Clients::latency(std::uint32_t permille) const {
  const std::uint64_t wanted = (acknowledged_ * permille + 999) / 1000;
  std::uint64_t seen = 0;
  for (median::Round rounds = 0; rounds < latencies_.size(); ++rounds) {
    seen += latencies_[rounds];
    if (seen > 0 && seen >= wanted) return rounds;
  }
  return 0;
}

std::uint64_t Clients::mean_latency_milli() const {
  std::uint64_t sum = 0;
  for (median::Round rounds = 0; rounds < latencies_.size(); ++rounds) {
    sum += rounds * latencies_[rounds];
  }
  return acknowledged_ == 0 ? 0 : sum * 1000 / acknowledged_;
}

}  // namespace waggle::sim::rounds
