#include "sim/rounds/recovery_servers.hpp"

namespace waggle::sim::rounds {

RecoveryServers::RecoveryServers(const median::Parameters& parameters,
                                 const median::Choices& choices, const median::CommandTable& table)
    : parameters_(parameters),
      table_(table),
      history_(table, choices),
      lineage_(history_, table),
      rule_(parameters, choices, table, history_, findings_),
      now_(parameters.n, rule_.initial()),
      next_(now_) {}

median::Answer RecoveryServers::on_command(std::uint32_t server, median::Handle command) const {
  const median::RecoveryServer& asked = now_[server];
  if (!asked.log) return median::Answer::kIgnore;
  const std::uint32_t client = table_.client(table_.slot(command));
  return median::answer(*asked.log, history_.last_number(asked.state, client), command, table_);
}

void RecoveryServers::step(std::uint32_t server, median::Round,
                           std::span<const std::uint32_t> repliers, median::LogView appended,
                           Rng& rng) {
  replies_.clear();
  for (const std::uint32_t replier : repliers) replies_.push_back({&now_[replier]});
  rule_.round(now_[server], replies_, appended, rng, next_[server]);
}

void RecoveryServers::end_round(median::Round now) {
  now_.swap(next_);
  if ((now + 1) % parameters_.T != 0) return;
  for (median::RecoveryServer& server : now_) rule_.boundary(server, now + 1);
}

}  // namespace waggle::sim::rounds
