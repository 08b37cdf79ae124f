#include "sim/rounds/clients.hpp"

#include "consensus/core/encoding.hpp"
#include "consensus/core/request.hpp"

namespace waggle::sim::rounds {

ClientId client_id(std::uint32_t client) {
  ClientId id;
  for (std::size_t byte = 0; byte < 4; ++byte) {
    id.bytes[ClientId::kSize - 1 - byte] = static_cast<std::uint8_t>((client + 1) >> (8 * byte));
  }
  return id;
}

Bytes command_bytes(std::uint32_t client, std::uint64_t number, std::uint8_t variant) {
  Writer writer;
  writer.u32(client).u64(number).u8(variant);
  return writer.take();
}

void Clients::submit(std::uint32_t count, median::Round now) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (idle_.empty()) {
      idle_.push_back(static_cast<std::uint32_t>(numbers_.size()));
      numbers_.push_back(0);
    }
    const std::uint32_t client = idle_.front();
    idle_.pop_front();
    const std::uint64_t number = ++numbers_[client];
    pending_.push_back({.command = command(client, number, 0),
                        .other = std::nullopt,
                        .client = client,
                        .number = number,
                        .submitted = now});
    if (doubles(client)) pending_.back().other = command(client, number, 1);
    ++submitted_;
  }
}

/// Spreads the share evenly over the clients.
bool Clients::doubles(std::uint32_t client) const {
  const std::uint64_t ppm = doubling_.ppm;
  return client * ppm / 1'000'000 != (client + 1) * ppm / 1'000'000;
}

median::Handle Clients::command(std::uint32_t client, std::uint64_t number, std::uint8_t variant) {
  const ClientId id = client_id(client);
  const Bytes bytes = command_bytes(client, number, variant);
  return table_.intern(
      {.client = id, .number = number, .digest = command_leaf(id, number, bytes, hasher_)});
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
