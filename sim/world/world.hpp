#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/checker/judge.hpp"
#include "sim/checker/seal_soundness.hpp"
#include "sim/world/chained_replica.hpp"
#include "sim/world/client.hpp"
#include "sim/world/cores.hpp"
#include "sim/world/median_replica.hpp"
#include "sim/world/metrics.hpp"
#include "sim/world/options.hpp"

namespace waggle::sim {

/// How far a run is. In plain memory, so that it can be shared with another process.
struct RunProgress {
  std::uint64_t events = 0;
  Duration time{0};
};

/// n real replica hosts and cores on a simulated network, disks and clocks: one thread, one queue
/// of events, one seed. Two worlds with equal options and calls go through equal events.
class World {
 public:
  explicit World(const WorldOptions& options);

  /// Clients and adversaries are to be there before.
  void start();
  Client& add_client(const ClientPlan& plan);
  /// The replica is Byzantine from now on; what it promised before does not bind it any more.
  /// `plan`: for a strategy that follows one; must outlive the world.
  Adversary& corrupt(Address at, const AdversaryKind& kind, const Parameters& parameters,
                     const Plan* plan = nullptr);
  /// The same with the defaults of a strategy, which must exist.
  Adversary& corrupt(Address at, std::string_view strategy);

  // Time. Each returns at the first violation, and when it is exhausted.
  void run_for(Duration span);
  /// False if `done` did not come true within `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit);
  /// Ends after so many events; tells `progress`, if it is not null, of each.
  void watch(std::uint64_t events_max, RunProgress* progress);
  bool exhausted() const { return events_.count() >= events_max_; }
  /// Nothing is wrong so far, and there is more to see.
  bool fine() const { return violations().empty() && !exhausted(); }

  // Faults.
  void crash(Address at, Crash how = Crash::kPower);
  /// Unless it stopped by itself, or something keeps it down.
  void restart(Address at);
  /// It is not restarted before as many releases: faults overlap.
  void keep_down(Address at) { ++kept_down_[at]; }
  /// And restarts, if nothing else keeps it down.
  void release(Address at);
  /// Crashes if need be, and empties the disk.
  void lose_disk(Address at);
  /// A bit of some record on the replica's disk flips.
  void rot(Address at);
  /// The replica is not coming back: it is not restarted, and not waited for.
  void expect_away(Address at) { away_.insert(at); }
  /// An adversary will come: whoever draws faults leaves room for it within f.
  void expect_lies(Address at) { liars_.insert(identity(at)); }
  /// Has lied, or will.
  bool lies(ReplicaId id) const { return !judge_.honest(id) || liars_.contains(id); }
  void cut(Address from, Address to) { network_.cut(from, to); }
  void uncut(Address from, Address to);
  void heal_cuts();
  /// The network behaves, everybody is up, nobody crashes any more.
  void heal();

  // Checks. Each notes a violation.
  bool clients_done() const;
  /// Every replica that should be up has executed everything, is idle and has its memory.
  bool settled() const;
  /// Whether the replica should be up and in step in the end.
  bool counts(const Replica& replica) const {
    return judge_.honest(replica.id()) && !replica.stopped() && !away_.contains(replica.address());
  }
  /// All commands commit within `bound`; then all replicas agree and fall silent.
  void expect_progress_then_silence(Duration bound);
  /// After activity ended: all come into step within `bound`.
  void expect_settled(Duration bound);
  /// The same, and then all fall silent, for 20 view timeouts out of the next 60. Byzantine
  /// replicas behave from then on, because 4.9 does not bind them and they may wake the others.
  void expect_silence(Duration bound);
  void check_states();
  /// Lets honest replicas prove that a command is committed, as if somebody had asked one after the
  /// other, and judges what the first that can hands out. Nothing in the world notices. False if
  /// nobody can.
  bool check_proof(const ClientId& client, std::uint64_t number);
  /// The same for the command at a position of the sealed sequence, against the seal of a server.
  bool check_seal(const ClientId& client, std::uint64_t number, const app::KvCommand& command,
                  std::uint64_t position);
  /// A commit is held up at the replica. Shows an outsider what a liar could: the certified pairs
  /// in its tree without what 5.2 asks for. What then passes as proven is judged.
  void show_outsider(const ChainedReplica& replica);

  const std::vector<Violation>& violations() const { return judge_.violations(); }
  void fail(std::string_view property, std::string detail);
  /// A hash over everything that happened.
  std::uint64_t digest() const noexcept { return trace_.digest(); }
  std::string summary() const;

  const WorldOptions& options() const noexcept { return options_; }
  Random& rng() noexcept { return rng_; }
  Judge& judge() noexcept { return judge_; }
  const Judge& judge() const noexcept { return judge_; }
  EventQueue& events() noexcept { return events_; }
  Network& network() noexcept { return network_; }
  Trace& trace() noexcept { return trace_; }
  const Metrics& metrics() const noexcept { return metrics_; }
  /// How often each place struck, over all replicas.
  Strikes strikes() const;
  const ChainConfig& chain() const noexcept { return chain_; }
  const chained::Rules& rules() const noexcept { return *rules_; }
  const Digest& genesis() const noexcept { return genesis_; }
  // Of a world with the median rule.
  bool runs_median() const noexcept { return is_median(options_.core); }
  const median::Parameters& median_parameters() const noexcept { return median_; }
  Duration round_length() const noexcept { return round_; }
  /// So many equal answers tell a client what became of its command.
  std::uint32_t believed() const noexcept { return runs_median() ? 1 : chain_.f() + 1; }
  /// So many replicas get a request before all the others do.
  std::uint32_t asked_first() const noexcept {
    return runs_median() ? std::min(n(), 2U) : chain_.f() + 1;
  }
  /// So many replicas that reach each other make progress.
  std::uint32_t needed() const noexcept { return runs_median() ? n() / 2 + 1 : chain_.quorum(); }
  /// So many may lack their memory, or lie, at a time.
  std::uint32_t faulty_max() const noexcept { return runs_median() ? n() / 2 : chain_.f(); }
  /// In which patience is counted: a view timeout, or a window.
  Duration patience() const noexcept {
    return runs_median() ? round_ * median_.B : options_.pacemaker.view_timeout;
  }
  const Hasher& hasher() const { return crypto_->hasher(); }
  const Verifier& verifier() const { return crypto_->verifier(); }
  const Signer& signer(ReplicaId replica) const { return *signers_.at(replica.value); }
  Replica& replica(Address at) { return *replicas_.at(at.value); }
  const Replica& replica(Address at) const { return *replicas_.at(at.value); }
  /// Of a world with a chained core.
  ChainedReplica& chained(Address at) { return static_cast<ChainedReplica&>(replica(at)); }
  const ChainedReplica& chained(Address at) const {
    return static_cast<const ChainedReplica&>(replica(at));
  }
  Client& client(std::uint64_t index) { return *clients_.at(index); }
  const std::vector<std::unique_ptr<Client>>& clients() const noexcept { return clients_; }
  std::uint32_t n() const noexcept { return options_.n; }
  std::uint32_t addresses() const { return addresses_of(options_); }
  ReplicaId identity(Address at) const {
    return ReplicaId{at.value < n() ? at.value : options_.twins.at(at.value - n())};
  }
  /// Both of a twin's.
  template <class Call>
  void for_each_address(ReplicaId replica, const Call& call) const {
    call(Address{replica});
    for (std::uint32_t at = n(); at < addresses(); ++at) {
      if (identity(Address{at}) == replica) call(Address{at});
    }
  }

  /// Of a world with the median rule.
  MedianReplica& median(Address at) { return static_cast<MedianReplica&>(replica(at)); }

  // What its parts tell it.
  void note(const Event& event) { trace_.note(events_.now(), event); }
  void on_proposed(const Block& block) { metrics_.on_proposed(block, events_.now()); }
  void on_commit(ReplicaId replica, const smr::ExecutionJob& job);
  void on_submitted(const ClientId& client, std::uint64_t number, const app::KvCommand& command);
  void on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed& where,
                       const app::KvResult& result);
  /// The view that a replica is in, after every step.
  void on_view(ReplicaId replica, View view);
  /// Calls `watcher` when an honest replica enters a view above all before. As long as the world.
  void watch_views(std::function<void(View)> watcher) { watchers_.push_back(std::move(watcher)); }

 private:
  ChainConfig make_chain();
  void set_up_median();
  /// Tells both ends, in a while, that their connection is up.
  void connect(Address a, Address b);
  void look_around();
  void check_last_proofs();

  const WorldOptions options_;
  Random rng_;
  EventQueue events_;
  Trace trace_;
  std::unique_ptr<CryptoSuite> crypto_;
  std::vector<std::unique_ptr<const Signer>> signers_;
  const ChainConfig chain_;
  const std::unique_ptr<const chained::Rules> rules_;
  const Digest genesis_;
  median::Parameters median_;
  Duration round_{0};
  Network network_;
  Judge judge_;
  SealSoundness* seals_ = nullptr;
  Metrics metrics_;
  std::vector<std::unique_ptr<Replica>> replicas_;  ///< By address.
  std::vector<std::unique_ptr<Client>> clients_;
  std::set<Address> away_;
  std::set<ReplicaId> liars_;  ///< Announced, perhaps not lying yet.
  std::uint64_t events_max_ = ~std::uint64_t{0};
  RunProgress* progress_ = nullptr;
  std::vector<std::function<void(View)>> watchers_;
  std::map<Address, std::uint32_t> kept_down_;
};

}  // namespace waggle::sim
