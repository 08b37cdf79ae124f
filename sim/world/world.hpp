#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/event_queue.hpp"
#include "sim/checker/checker.hpp"
#include "sim/crypto/symbolic.hpp"
#include "sim/world/client.hpp"
#include "sim/world/cores.hpp"
#include "sim/world/network.hpp"
#include "sim/world/replica.hpp"

namespace waggle::sim {

chained::PacemakerConfig default_pacemaker();

struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint32_t n = 4;
  std::string core = "pbeegees";  ///< One of core_names().
  std::uint32_t depth_max = 0;    ///< D; 0: what the core needs.
  LinkQuality link;
  Duration sync_min = std::chrono::microseconds(100);
  Duration sync_max = std::chrono::milliseconds(3);
  Duration execute_max = std::chrono::milliseconds(2);
  chained::PacemakerConfig pacemaker = default_pacemaker();
  chained::Guards guards;
  /// Requests that replicas forward to each other never arrive.
  bool forwards_lost = false;
  /// A broken machine: writes are called durable before they are.
  bool lying_disks = false;
};

/// n real replica hosts and cores on a simulated network, disks and clocks: one thread, one queue
/// of events, one seed. Two worlds with equal options and calls go through equal events.
class World {
 public:
  explicit World(const WorldOptions& options);

  void start();
  Client& add_client(const ClientPlan& plan);
  void make_byzantine(ReplicaId replica, Fault fault);

  // Time. Each returns at the first violation.
  void run_for(Duration span);
  /// False if `done` did not come true within `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit);

  // Faults.
  void crash(ReplicaId replica);
  void restart(ReplicaId replica);
  /// Crashes if need be, and empties the disk.
  void lose_disk(ReplicaId replica);
  void cut(ReplicaId from, ReplicaId to);
  void heal_cuts();
  /// The network behaves, everybody is up, nobody crashes any more.
  void heal();

  // Checks. Each notes a violation.
  bool clients_done() const;
  /// All commands commit within `bound`; then all replicas agree and fall silent.
  void expect_progress_then_silence(Duration bound);
  /// After activity ended: equal heights and states everywhere, and silence.
  void expect_silence();
  void check_states();

  const std::optional<std::string>& violation() const { return checker_.violation(); }
  /// A hash over everything that happened.
  std::uint64_t trace() const noexcept { return trace_; }
  std::string summary() const;

  const WorldOptions& options() const noexcept { return options_; }
  Random& rng() noexcept { return rng_; }
  Checker& checker() noexcept { return checker_; }
  EventQueue& events() noexcept { return events_; }
  Network& network() noexcept { return network_; }
  const ChainConfig& chain() const noexcept { return chain_; }
  const chained::Rules& rules() const noexcept { return *rules_; }
  const Digest& genesis() const noexcept { return genesis_; }
  const SymbolicHasher& hasher() const noexcept { return hasher_; }
  const KeyRing& keys() const noexcept { return keys_; }
  const SymbolicSigner& signer(ReplicaId replica) const { return signers_.at(replica.value); }
  Replica& replica(ReplicaId id) { return *replicas_.at(id.value); }
  const Replica& replica(ReplicaId id) const { return *replicas_.at(id.value); }
  Client& client(std::uint64_t index) { return *clients_.at(index); }
  std::uint32_t n() const noexcept { return options_.n; }

  /// Adds to the trace.
  void note(std::string_view what, std::uint64_t a = 0, std::uint64_t b = 0);
  /// Tells both ends that their connection is up.
  void connect(ReplicaId a, ReplicaId b);

 private:
  static ChainConfig make_chain(const WorldOptions& options, KeyRing& keys);

  const WorldOptions options_;
  Random rng_;
  EventQueue events_;
  SymbolicHasher hasher_;
  KeyRing keys_;
  const ChainConfig chain_;
  const std::unique_ptr<const chained::Rules> rules_;
  const Digest genesis_;
  std::vector<SymbolicSigner> signers_;
  Network network_;
  Checker checker_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::uint64_t trace_ = 0;
  bool verbose_ = false;  ///< WAGGLE_TRACE: prints what happens.
};

}  // namespace waggle::sim
