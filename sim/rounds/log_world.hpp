#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/crypto/symbolic.hpp"
#include "sim/rounds/audit.hpp"
#include "sim/rounds/blockers.hpp"
#include "sim/rounds/checker/liveness.hpp"
#include "sim/rounds/clients.hpp"
#include "smr/median/choices.hpp"
#include "smr/median/sealing_guards.hpp"

namespace waggle::sim::rounds {

enum class LogRule : std::uint8_t {
  kCompact,   ///< Algorithm 5.
  kRecovery,  ///< Algorithm 6.
  kSealed,    ///< Section 8.
  kExtended,  ///< Algorithm 3, with an oracle that commits (ExtendedServers).
};

struct LogOptions {
  median::Parameters parameters;
  median::Choices choices;                ///< Of paper mode.
  median::SealingGuards guards;           ///< Of sealing.
  certificate::ChainGuards chain_guards;  ///< Of sealing.
  LogRule rule = LogRule::kCompact;
  std::uint64_t seed = 1;
  bool keep_logs = false;         ///< With kExtended (ExtendedServers).
  std::uint32_t load = 4;         ///< Commands that clients submit in each round.
  std::uint32_t in_flight = 0;    ///< Above 0: as many as keep so many in flight, instead.
  Round load_until = UINT64_MAX;  ///< From this round on clients only wait.
  Share doubling;                 ///< Of clients that submit two commands under each number.
  /// Sealing: certificates and memory are judged in every round.
  bool audit = true;
  /// Commands are to be acknowledged within `bound` rounds, counted from round `calm` on.
  Round calm = 0;
  Round bound = UINT64_MAX;
};

/// Servers with logs in synchronous rounds, clients, a blocking adversary, and checkers, which
/// share no code with the rules. In each round a client with a command in flight asks one server,
/// drawn at random.
class LogWorld {
 public:
  LogWorld(const LogOptions& options, std::unique_ptr<Blocker> blocker);
  LogWorld(const LogWorld&) = delete;
  LogWorld& operator=(const LogWorld&) = delete;

  void round();

  Round rounds() const noexcept { return round_; }
  /// The first violation of any property.
  std::optional<Complaint> complaint() const;
  const AgreementChecker& agreement() const noexcept { return agreement_; }
  const ExecutionChecker& executions() const noexcept { return executions_; }
  const Audit* audit() const noexcept { return audit_.get(); }  ///< Null without one.
  const Clients& clients() const noexcept { return clients_; }
  const LogServers& servers() const noexcept { return *servers_; }
  std::uint32_t useful() const noexcept { return useful_; }    ///< In the last round.
  std::uint32_t blocked() const noexcept { return blocked_; }  ///< In the last round.
  /// Committed entries of the server that has least, and of the one that has most.
  std::uint64_t committed_least() const noexcept { return committed_least_; }
  std::uint64_t committed_most() const noexcept { return committed_most_; }
  std::size_t entries_most() const noexcept { return entries_most_; }  ///< Of any log, ever.
  std::uint64_t restarts() const noexcept { return restarts_; }        ///< Lost memories included.

 private:
  void block();
  void submit();
  void serve_clients();
  bool ask(const Clients::Pending& pending, median::Handle command);
  void reach(const Clients::Pending& pending, std::uint32_t server);
  void tell(const Clients::Pending& pending, std::uint32_t server);
  void step(std::uint32_t server);
  void look();
  void judge();
  void follow_line();

  LogOptions options_;
  std::unique_ptr<Blocker> blocker_;
  SymbolicHasher hasher_;
  median::CommandTable table_;
  std::unique_ptr<LogServers> servers_;
  Clients clients_;
  AgreementChecker agreement_;
  ExecutionChecker executions_;
  LivenessChecker liveness_;
  std::unique_ptr<SealChecker> seals_;
  std::unique_ptr<Audit> audit_;
  Random random_;
  Random adversary_;
  Round round_ = 0;
  Blocking blocking_;
  std::vector<median::Log> appended_;   ///< By server: append requests of this round.
  std::vector<std::uint32_t> touched_;  ///< Servers that got some.
  std::vector<std::uint32_t> targets_;
  std::vector<std::uint32_t> repliers_;
  std::vector<std::uint8_t> holds_;
  std::vector<std::uint32_t> answered_;
  std::vector<median::LogView> logs_;
  std::vector<std::uint64_t> committed_;
  std::vector<std::uint64_t> checkpoint_;
  std::vector<std::uint8_t> reached_;  ///< By the targeted client, in the last round.
  std::size_t line_judged_ = 0;        ///< Entries of the agreed sequence.
  std::uint32_t useful_ = 0;
  std::uint32_t blocked_ = 0;
  std::uint64_t committed_least_ = 0;
  std::uint64_t committed_most_ = 0;
  std::size_t entries_most_ = 0;
  std::uint64_t restarts_ = 0;
};

}  // namespace waggle::sim::rounds
