#pragma once

#include <map>
#include <vector>

#include "sim/crypto/symbolic.hpp"
#include "sim/rounds/log_servers.hpp"
#include "smr/median/sealed_log.hpp"
#include "smr/median/sealer.hpp"

namespace waggle::sim::rounds {

/// Servers that seal (section 8). Replies bring log and spread of the round's start. What a server
/// executed is noted as a state of the history; where it took over another's final prefix, that
/// one's.
class SealedServers final : public LogServers {
 public:
  SealedServers(const median::Parameters& parameters, const median::CommandTable& table,
                const median::SealingGuards& guards);

  bool holds(std::uint32_t) const override { return true; }
  bool answers(std::uint32_t) const override { return true; }
  median::Answer on_command(std::uint32_t server, median::Handle command) const override;
  void step(std::uint32_t server, median::Round now, std::span<const std::uint32_t> repliers,
            median::LogView appended, Rng& rng) override;
  void end_round(median::Round now) override;
  void restart(std::uint32_t server) override;

  median::StateRef state(std::uint32_t server) const override { return servers_[server].state; }
  std::uint64_t checkpoint(std::uint32_t server) const override {
    return servers_[server].sealer.final().window();
  }
  median::LogView log(std::uint32_t server) const override { return servers_[server].log.log(); }
  const median::History& history() const override { return history_; }
  const median::Findings& findings() const override { return findings_; }

 private:
  struct Server {
    median::Sealer sealer;
    median::SealedLog log;
    median::SealingRecord durable;
    median::StateRef state;
    median::Log log_at_start;  ///< What it answers with in this round.
    median::Spread spread_at_start;
  };

  median::Sealer::Setup setup_of(std::uint32_t server) const;
  void perform(std::uint32_t server, median::SealingEffects effects);

  median::Parameters parameters_;
  const median::CommandTable& table_;
  median::SealingGuards guards_;
  SymbolicHasher hasher_;
  median::History history_;
  median::Findings findings_;
  median::Merger merger_;
  std::vector<Server> servers_;
  std::map<Digest, median::StateRef> states_;  ///< By chain digest of the final prefix.
  std::vector<median::LogView> logs_;
};

}  // namespace waggle::sim::rounds
