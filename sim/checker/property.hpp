#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/chained/messages.hpp"
#include "smr/app/kv_command.hpp"
#include "smr/certificate/proof.hpp"
#include "smr/median/messages.hpp"
#include "smr/median/sealed_run.hpp"
#include "smr/replica/execution.hpp"
#include "storage/storage.hpp"

namespace waggle::sim {

/// A property that did not hold.
struct Violation {
  std::string property;
  std::string detail;  ///< The events that contradict each other, with their times.
};

/// What all checkers of a run share. Owned by the judge.
struct Stage {
  std::uint32_t n = 0;
  std::uint32_t f = 0;
  /// In the protocol's timeouts a replica reports the block that it voted for last, or better.
  bool tips_follow_votes = true;
  Duration now{0};
  std::vector<Violation> violations;
  /// Blocks at this height and below need not be remembered: every honest replica has executed
  /// well beyond them.
  Height forgotten;
};

/// How full a replica's queues are.
struct Usage {
  std::size_t blocks = 0;       ///< In the core's tree.
  std::size_t log_entries = 0;  ///< In the log of a server of the median rule.
  std::size_t mempool_requests = 0;
  std::size_t mempool_bytes = 0;
  std::size_t unwritten = 0;   ///< Batches that wait for the disk.
  std::size_t unexecuted = 0;  ///< Blocks that wait for execution.
};

/// One thing that must hold in every run, judged from outside: from what honest replicas send,
/// commit and execute and from what clients are told. Remembers across restarts, shares no code
/// with the rules that it judges, and keeps a bounded memory. The judge calls it with events of
/// honest replicas only (but for on_block), in the order in which they happen.
class Property {
 public:
  Property(Stage& stage, std::string_view name) : stage_(stage), name_(name) {}
  virtual ~Property() = default;
  Property(const Property&) = delete;
  Property& operator=(const Property&) = delete;

  std::string_view name() const noexcept { return name_; }

  /// Signed and handed to the network; once per broadcast.
  virtual void on_sent(ReplicaId, const chained::Message&) {}
  /// Any replica, honest or not, sent this block.
  virtual void on_block(const Block&) {}
  /// Pre-commit validation held up a commit for want of this tip; of view 0 if it lacks none.
  virtual void on_held_up(ReplicaId, const Digest& /*block*/, const Tip&) {}
  /// Is about to execute a committed block.
  virtual void on_commit(ReplicaId, const smr::ExecutionJob&) {}
  virtual void on_executed(ReplicaId, const smr::Executed&) {}

  // Of a world with the median rule, instead of the events above.

  /// Signed where it has to be, and handed to the network; once per broadcast.
  virtual void on_said(ReplicaId, const median::Message&) {}
  /// Takes this for final; it need not have executed it.
  virtual void on_final(ReplicaId, const median::FinalPrefix&) {}
  /// Executed these, and stands here.
  virtual void on_sealed(ReplicaId, std::span<const median::Sealed>,
                         const smr::Executed& /*after*/) {}
  /// Took over the state of another server, and stands here.
  virtual void on_installed(ReplicaId, const smr::Executed& /*at*/) {}
  /// A proof against its seal, which verifies.
  virtual void on_seal_proof(ReplicaId, const certificate::ProvenSeal&) {}

  // Of every world.

  /// Its disk was lost.
  virtual void on_forgot(ReplicaId) {}
  /// Came back at this position; genesis, if its disk was lost.
  virtual void on_restarted(ReplicaId, const smr::Executed&) {}
  /// `number` of a client's commands goes out for the first time.
  virtual void on_submitted(const ClientId&, std::uint64_t /*number*/, const app::KvCommand&) {}
  /// A client believes a result: f+1 replicas told it.
  virtual void on_acknowledged(const ClientId&, std::uint64_t /*number*/,
                               const smr::Committed& /*where*/, const app::KvResult&) {}
  /// Handed out a commit proof, which verifies.
  virtual void on_proof(ReplicaId, const certificate::ProvenCommit&) {}
  virtual void on_usage(ReplicaId, const Usage&) {}
  /// The network behaves from now on, and who is up stays up.
  virtual void on_healed() {}
  /// Called every now and then.
  virtual void on_time() {}
  /// The run is over, and this is what a replica that is up and has executed everything holds.
  virtual void on_final_state(ReplicaId, const storage::Storage&) {}

 protected:
  void fail(std::string detail) {
    stage_.violations.push_back({std::string(name_), std::move(detail)});
  }
  Duration now() const noexcept { return stage_.now; }

  Stage& stage_;

 private:
  const std::string_view name_;
};

// How events are told.
std::string told(ReplicaId replica);
std::string told(View view);
std::string told(Height height);
/// "at 1.234567 s".
std::string told(Duration at);

}  // namespace waggle::sim
