#include "sim/rounds/compact_servers.hpp"

namespace waggle::sim::rounds {

CompactServers::CompactServers(const median::Parameters& parameters, const median::Choices& choices,
                               const median::CommandTable& table)
    : history_(table, choices),
      lineage_(history_, table),
      rule_(parameters, choices, table, history_, findings_),
      now_(parameters.n),
      next_(parameters.n) {}

void CompactServers::step(std::uint32_t server, median::Round now,
                          std::span<const std::uint32_t> repliers, median::LogView appended,
                          Rng& rng) {
  replies_.clear();
  for (const std::uint32_t replier : repliers) {
    replies_.push_back({now_[replier].log, now_[replier].state});
  }
  rule_.round(now_[server], now, replies_, appended, rng, next_[server]);
}

}  // namespace waggle::sim::rounds
