#include "smr/replica/explain.hpp"

#include <algorithm>
#include <string>

namespace waggle::smr {
namespace {

// In the order in which they are said.
constexpr Sentence kSentences[] = {
    {"stopped", Level::kBad, "It has stopped itself and does nothing any more.",
     "Read the reason in event=stopped, the last line of its log."},
    {"disk_full", Level::kBad, "Its disk has only {free} left; without room this replica stops.",
     "Make room, or move the data directory to a larger disk while the replica is stopped."},
    {"disk_stuck", Level::kBad,
     "Its disk has not confirmed a write for {seconds} s; nothing leaves this replica before.",
     "Look at the disk: what else writes to it, and what the kernel's log says of it."},
    {"state_differs", Level::kBad,
     "Its state differs from that of {replicas} at an equal height; f+1 of them stop it.",
     "Keep all data directories; look for damaged disks and memory, and compare versions."},
    {"too_few_replicas", Level::kBad,
     "Too few replicas: {quorum} of {n} are needed and it hears {heard}, itself included; missing: "
     "{missing}. View {view}, leader {leader}.",
     "Start the missing ones, or mend the network between them and this one."},
    {"rejoin_reports", Level::kBad,
     "It lost its data and rejoins (rule 4.10): {reports} of {quorum} others that are needed have "
     "told how far they signed.",
     "Start the others; those that rejoin themselves do not count."},
    {"rejoin_waits", Level::kBad,
     "It lost its data and rejoins (rule 4.10): it votes once a block above view {bound} is "
     "certified, the highest is of view {certified}.",
     "Wait; if it takes more than a minute, see why the others certify no block."},
    {"behind", Level::kWarn,
     "It is behind: at height {height}, f+1 others at {ahead} or above; it fetches blocks (4.8).",
     "Wait; if its height does not rise, look at its disk, its processor and its network."},
    {"commit_suspended", Level::kWarn,
     "Block {height} is certified but its commit is suspended (rule 5.2): a timeout certificate "
     "above it names another block. The next certified pair commits both.",
     "Nothing is lost; submit a command if none is on its way."},
    {"branch_missing", Level::kBad,
     "No commit for {seconds} s: in view {view} of leader {leader}, blocks of the branch are "
     "missing "
     "and are being fetched (rules 3.6, 4.8).",
     "Wait; if it lasts, see which replicas are heard: somebody who voted for the blocks has "
     "them."},
    {"leader_missing", Level::kBad,
     "No commit for {seconds} s: leader {leader} of view {view} is not heard; {gave_up} gave up on "
     "the view, {quorum} replicas have to (rule 4.6).",
     "Start that replica; meanwhile the next leader takes over."},
    {"view_stuck", Level::kBad,
     "No commit for {seconds} s: view {view} of leader {leader} brings no certificate; {gave_up} "
     "gave up on it, {quorum} replicas have to (rule 4.6).",
     "See what the leader says of itself; if all views fail, the network is slower than "
     "pacemaker.timeout_max_ms."},
    {"mempool_full", Level::kBad,
     "Its mempool is full with {requests} requests, {size}: it refuses new ones until blocks take "
     "some of them.",
     "If nothing is committed, see why; otherwise send less, or raise the bounds under [mempool]."},
    {"state_machine_slow", Level::kWarn,
     "{blocks} committed blocks wait for the state machine, which has finished none for {seconds} "
     "s.",
     "Look at the processor and at what the state machine does."},
    {"silent", Level::kWarn,
     "It is connected to {replicas} but hears nothing valid from there: a process that hangs, "
     "another genesis, or another version.",
     "Run waggle doctor; if it finds nothing else, restart them one by one."},
    {"replica_missing", Level::kWarn,
     "It does not hear {missing}: {heard} of {n} are left, itself included, and {quorum} are "
     "needed.",
     "Start them, or mend the network between them and this one."},
    {"disk_low", Level::kWarn, "Its disk has {free} left, and nothing is pruned yet.",
     "Make room, or plan for a larger disk."},
    {"idle", Level::kOk,
     "Idle: nothing waits to be committed (rule 4.9). View {view}, leader {leader}.", ""},
    {"committing", Level::kOk, "It commits: height {height}, view {view} of leader {leader}.", ""},
};

Finding tell(std::string_view code, Values values = {}) { return say(kSentences, code, values); }

std::string text(std::uint64_t number) { return std::to_string(number); }

bool contains(const std::vector<ReplicaId>& replicas, ReplicaId id) {
  return std::find(replicas.begin(), replicas.end(), id) != replicas.end();
}

/// Without a connection or without a word.
std::vector<ReplicaId> missing_of(const Facts& facts) {
  std::vector<ReplicaId> missing = facts.unreached;
  for (const ReplicaId id : facts.silent) {
    if (!contains(missing, id)) missing.push_back(id);
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

std::string who_gave_up(const Facts& facts) {
  if (facts.gave_up.empty()) return "nobody";
  return (facts.gave_up.size() == 1 ? "replica " : "replicas ") + list(facts.gave_up);
}

/// Why a busy replica has waited long for a commit. Which sentence depends on what is missing: a
/// block, the leader, or what the leader should have collected.
Finding why_stalled(const Facts& facts, const std::vector<ReplicaId>& missing) {
  const std::string seconds = text(facts.stalled_s);
  const std::string view = text(facts.view.value);
  const std::string leader = text(facts.leader.value);
  if (facts.fetching) {
    return tell("branch_missing", {{"seconds", seconds}, {"view", view}, {"leader", leader}});
  }
  return tell(contains(missing, facts.leader) ? "leader_missing" : "view_stuck",
              {{"seconds", seconds},
               {"view", view},
               {"leader", leader},
               {"gave_up", who_gave_up(facts)},
               {"quorum", text(facts.quorum)}});
}

void add_rejoin(const Facts& facts, std::vector<Finding>& out) {
  if (!facts.rejoin) return;
  if (facts.rejoin->reports < facts.quorum) {
    out.push_back(tell("rejoin_reports",
                       {{"reports", text(facts.rejoin->reports)}, {"quorum", text(facts.quorum)}}));
  } else {
    out.push_back(tell("rejoin_waits", {{"bound", text(facts.rejoin->bound.value)},
                                        {"certified", text(facts.rejoin->certified.value)}}));
  }
}

void add_disk(const Facts& facts, std::vector<Finding>& out) {
  if (facts.disk_free && *facts.disk_free < kDiskFull) {
    out.push_back(tell("disk_full", {{"free", size_text(*facts.disk_free)}}));
  }
  if (facts.syncing_s >= kPatienceSeconds) {
    out.push_back(tell("disk_stuck", {{"seconds", text(facts.syncing_s)}}));
  }
}

/// What does not keep it from committing.
void add_burdens(const Facts& facts, std::vector<Finding>& out) {
  if (facts.mempool_full) {
    out.push_back(tell("mempool_full", {{"requests", text(facts.mempool_requests)},
                                        {"size", size_text(facts.mempool_bytes)}}));
  }
  if (facts.applying_s >= kPatienceSeconds) {
    out.push_back(
        tell("state_machine_slow", {{"blocks", text(facts.committed.value - facts.executed.value)},
                                    {"seconds", text(facts.applying_s)}}));
  }
}

}  // namespace

std::vector<Finding> explain(const Facts& facts) {
  if (facts.stopped) return {tell("stopped")};
  std::vector<Finding> out;
  const std::vector<ReplicaId> missing = missing_of(facts);
  const std::size_t heard = facts.n - missing.size();
  const bool enough = heard >= facts.quorum;

  add_disk(facts, out);
  if (!facts.differing.empty()) {
    out.push_back(tell("state_differs", {{"replicas", list(facts.differing)}}));
  }
  if (!enough) {
    out.push_back(tell("too_few_replicas", {{"quorum", text(facts.quorum)},
                                            {"n", text(facts.n)},
                                            {"heard", text(heard)},
                                            {"missing", list(missing)},
                                            {"view", text(facts.view.value)},
                                            {"leader", text(facts.leader.value)}}));
  }
  add_rejoin(facts, out);
  if (facts.ahead) {
    out.push_back(tell(
        "behind", {{"height", text(facts.executed.value)}, {"ahead", text(facts.ahead->value)}}));
  }
  if (facts.suspended) {
    out.push_back(tell("commit_suspended", {{"height", text(facts.suspended->value)}}));
  }
  const bool stalled = facts.stalled_s >= kPatienceSeconds;
  // With too few replicas every view fails, and a passive replica has no part in any.
  if (stalled && enough && !facts.rejoin) out.push_back(why_stalled(facts, missing));
  add_burdens(facts, out);
  if (!facts.silent.empty()) {
    out.push_back(tell("silent", {{"replicas", list(facts.silent)}}));
  }
  if (enough && !missing.empty()) {
    out.push_back(tell("replica_missing", {{"missing", list(missing)},
                                           {"heard", text(heard)},
                                           {"n", text(facts.n)},
                                           {"quorum", text(facts.quorum)}}));
  }
  if (facts.disk_free && *facts.disk_free >= kDiskFull && *facts.disk_free < kDiskLow) {
    out.push_back(tell("disk_low", {{"free", size_text(*facts.disk_free)}}));
  }
  if (facts.rejoin) return out;
  if (!facts.busy) {
    out.push_back(
        tell("idle", {{"view", text(facts.view.value)}, {"leader", text(facts.leader.value)}}));
  } else if (!stalled && enough) {
    out.push_back(tell("committing", {{"height", text(facts.committed.value)},
                                      {"view", text(facts.view.value)},
                                      {"leader", text(facts.leader.value)}}));
  }
  return out;
}

std::span<const Sentence> replica_sentences() { return kSentences; }

}  // namespace waggle::smr
