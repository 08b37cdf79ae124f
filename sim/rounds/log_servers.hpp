#pragma once

#include <cstdint>
#include <span>

#include "sim/rounds/checker/lineage.hpp"
#include "sim/rounds/checker/memory.hpp"
#include "sim/rounds/checker/seals.hpp"
#include "smr/certificate/server_chains.hpp"
#include "smr/median/compact.hpp"
#include "smr/median/findings.hpp"

namespace waggle::sim::rounds {

/// All servers of a world under one of the rules for logs. A round: step() for each server, which
/// sees the others as they were when it began; then end_round().
class LogServers {
 public:
  virtual ~LogServers() = default;

  virtual bool holds(std::uint32_t server) const = 0;    ///< A log, when the round began.
  virtual bool answers(std::uint32_t server) const = 0;  ///< Requests of this round.
  virtual median::Answer on_command(std::uint32_t server, median::Handle command) const = 0;
  /// `repliers` are those that answered, in the order in which they were asked. A blocked server
  /// takes its step without any.
  virtual void step(std::uint32_t server, median::Round now,
                    std::span<const std::uint32_t> repliers, median::LogView appended,
                    Rng& rng) = 0;
  virtual void end_round(median::Round now) = 0;
  /// Instead of a step: the server does nothing in this round, at its end neither.
  virtual void sleep(std::uint32_t server, median::Round now, Rng& rng) {
    step(server, now, {}, {}, rng);
  }
  /// The server loses all that is not durable. Nothing to rules that have nothing durable.
  virtual void restart(std::uint32_t) {}
  /// It loses what is durable, too, and rejoins (8.7).
  virtual void lose(std::uint32_t, median::Round) {}

  /// What it committed, as a node of lineage().
  virtual std::uint32_t sequence(std::uint32_t server) const = 0;
  /// The window of its newest checkpoint or seal; 0 if there are none.
  virtual std::uint64_t checkpoint(std::uint32_t server) const = 0;
  virtual median::LogView log(std::uint32_t server) const = 0;  ///< Empty if undecided.
  virtual const Lineage& lineage() const = 0;
  virtual const median::Findings& findings() const = 0;

  // Of servers that seal.
  /// By whom all that is signed is judged. Outlives the servers.
  virtual void watch(SealChecker&) {}
  virtual const Lineage* proposals() const { return nullptr; }  ///< For that checker.
  /// What they judge certificates by; null if they do not seal.
  virtual const certificate::ServerChains* chains(std::uint32_t) const { return nullptr; }
  virtual Footprint footprint(std::uint32_t) const { return {}; }
  /// Pre-certificates that left a final prefix; there are none unless there is a bug (8.6).
  virtual std::uint64_t conflicts() const { return 0; }
};

}  // namespace waggle::sim::rounds
