#pragma once

#include <vector>

#include "sim/rounds/history_lineage.hpp"
#include "sim/rounds/log_servers.hpp"

namespace waggle::sim::rounds {

/// Servers under the compact rule, Algorithm 5.
class CompactServers final : public LogServers {
 public:
  CompactServers(const median::Parameters& parameters, const median::Choices& choices,
                 const median::CommandTable& table);

  bool holds(std::uint32_t server) const override { return now_[server].useful; }
  bool answers(std::uint32_t server) const override { return now_[server].useful; }
  median::Answer on_command(std::uint32_t server, median::Handle command) const override {
    return rule_.on_command(now_[server], command);
  }
  void step(std::uint32_t server, median::Round now, std::span<const std::uint32_t> repliers,
            median::LogView appended, Rng& rng) override;
  void end_round(median::Round) override { now_.swap(next_); }

  std::uint32_t sequence(std::uint32_t server) const override { return now_[server].state.value; }
  std::uint64_t checkpoint(std::uint32_t) const override { return 0; }
  median::LogView log(std::uint32_t server) const override { return now_[server].log; }
  const Lineage& lineage() const override { return lineage_; }
  const median::Findings& findings() const override { return findings_; }

 private:
  median::History history_;
  HistoryLineage lineage_;
  median::Findings findings_;
  median::CompactRule rule_;
  std::vector<median::CompactServer> now_;
  std::vector<median::CompactServer> next_;
  std::vector<median::CompactReply> replies_;
};

}  // namespace waggle::sim::rounds
