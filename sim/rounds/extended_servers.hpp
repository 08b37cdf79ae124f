#pragma once

#include <vector>

#include "sim/rounds/history_lineage.hpp"
#include "sim/rounds/log_servers.hpp"
#include "smr/median/merge.hpp"
#include "smr/median/sample.hpp"

namespace waggle::sim::rounds {

/// How many rounds entries took until every server that holds a log had the same prefix up to
/// them, counted from their stamp.
struct SettleTimes {
  /// By rounds: how many entries took so long.
  std::vector<std::uint64_t> entries;
  /// By rounds: of those that settled in one round, the one in front. What keeps it open keeps all
  /// behind it open as well, so that these, not the entries, are independent of one another.
  std::vector<std::uint64_t> fronts;

  std::uint64_t count() const;  ///< Of entries.
  void add(const SettleTimes& other);
};

/// Servers under Algorithm 3 with an oracle, which sees all logs: at the end of a round, it commits
/// and takes away what those have in common that got enough logs in it. So it measures how long
/// prefixes take to settle, without a T that could be too small. With `keep_logs` a server that
/// gets fewer than l logs keeps its own, as one that seals does (8.1).
class ExtendedServers final : public LogServers {
 public:
  ExtendedServers(const median::Parameters& parameters, const median::Choices& choices,
                  bool keep_logs, const median::CommandTable& table);

  bool holds(std::uint32_t server) const override { return now_[server].useful; }
  bool answers(std::uint32_t server) const override { return now_[server].useful; }
  median::Answer on_command(std::uint32_t server, median::Handle command) const override;
  void step(std::uint32_t server, median::Round now, std::span<const std::uint32_t> repliers,
            median::LogView appended, Rng& rng) override;
  void end_round(median::Round now) override;

  std::uint32_t sequence(std::uint32_t) const override { return state_.value; }
  std::uint64_t checkpoint(std::uint32_t) const override { return 0; }
  median::LogView log(std::uint32_t server) const override { return now_[server].log; }
  const Lineage& lineage() const override { return lineage_; }
  const median::Findings& findings() const override { return findings_; }

  const SettleTimes& settled() const noexcept { return settled_; }
  /// Age of the oldest entry that has not settled, in the round that ended last; 0: there is none.
  median::Round open() const noexcept { return open_; }

 private:
  struct Server {
    bool useful = true;  ///< Holds a log.
    bool heard = false;  ///< Got l logs or more in the last round.
    median::Log log;
  };

  /// The log of one that got enough logs, or none; `common`: what all of these have in common.
  median::LogView compare(std::size_t& common) const;
  void take_away(median::LogView settled, median::Log& log) const;

  median::Parameters parameters_;
  bool keep_logs_;
  const median::CommandTable& table_;
  median::History history_;
  HistoryLineage lineage_;
  median::Findings findings_;
  median::Merger merger_;
  median::StateRef state_ = median::kInitialState;
  std::vector<Server> now_;
  std::vector<Server> next_;
  std::vector<median::LogView> chosen_;
  SettleTimes settled_;
  median::Round open_ = 0;
};

}  // namespace waggle::sim::rounds
