#pragma once

#include <vector>

#include "sim/rounds/history_lineage.hpp"
#include "sim/rounds/log_servers.hpp"
#include "smr/median/recovery.hpp"

namespace waggle::sim::rounds {

/// Servers under Algorithm 6: rounds within windows, commits and rollbacks between them.
class RecoveryServers final : public LogServers {
 public:
  RecoveryServers(const median::Parameters& parameters, const median::Choices& choices,
                  const median::CommandTable& table);

  bool holds(std::uint32_t server) const override { return now_[server].log.has_value(); }
  bool answers(std::uint32_t server) const override { return now_[server].answers(); }
  median::Answer on_command(std::uint32_t server, median::Handle command) const override;
  void step(std::uint32_t server, median::Round now, std::span<const std::uint32_t> repliers,
            median::LogView appended, Rng& rng) override;
  void end_round(median::Round now) override;

  std::uint32_t sequence(std::uint32_t server) const override { return now_[server].state.value; }
  std::uint64_t checkpoint(std::uint32_t server) const override {
    return now_[server].checkpoint->window;
  }
  median::LogView log(std::uint32_t server) const override {
    return now_[server].log ? median::LogView(*now_[server].log) : median::LogView();
  }
  const Lineage& lineage() const override { return lineage_; }
  const median::Findings& findings() const override { return findings_; }

 private:
  median::Parameters parameters_;
  const median::CommandTable& table_;
  median::History history_;
  HistoryLineage lineage_;
  median::Findings findings_;
  median::RecoveryRule rule_;
  std::vector<median::RecoveryServer> now_;
  std::vector<median::RecoveryServer> next_;
  std::vector<median::RecoveryReply> replies_;
};

}  // namespace waggle::sim::rounds
