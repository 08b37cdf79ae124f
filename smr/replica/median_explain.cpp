#include "smr/replica/median_explain.hpp"

#include <algorithm>

#include "smr/replica/explain.hpp"

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
     "Its state differs from that of {replicas} at an equal length; a majority of them stops it.",
     "Keep all data directories; look for damaged disks and memory, and compare versions."},
    {"final_conflict", Level::kBad,
     "{count} certificates contradict what it holds for sealed (rule 8.6): a server has lied or "
     "forgotten what it signed.",
     "Keep all data directories. Was a data directory copied or brought back from a backup?"},
    {"clock_off", Level::kBad,
     "Its clock and those of most others disagree by more than a round: their messages come too "
     "{when}, and count as lost.",
     "Set its clock (NTP); if it is right, rounds are shorter than the way between the servers."},
    {"too_few_replies", Level::kBad,
     "{heard} of {n} servers answered in its last round, itself included, and {majority} have to "
     "seal. Nothing that is sealed is lost; missing: {missing}.",
     "Start the missing ones, mend the network, or look at their clocks."},
    {"rejoining", Level::kBad,
     "It lost its data and rejoins (rule 8.7): it signs nothing until enough others have told it "
     "what it may have signed.",
     "Start the others; those that rejoin themselves do not count."},
    {"state_transfer", Level::kWarn,
     "It is so far behind that it fetches the state from replica {from}: {received} of {total}.",
     "Wait; if it does not end, look at the network between the two."},
    {"not_started", Level::kWarn, "No round has begun by its clock.",
     "See what median.start_ms of the genesis file says, and its clock."},
    {"not_sealed", Level::kBad,
     "Nothing was sealed for {seconds} s, though {waiting} commands wait; {heard} of {n} servers "
     "answered in the last round.",
     "Is it told why by another server? Otherwise the load or the losses are above what T and B "
     "are made for."},
    {"log_full", Level::kBad,
     "It takes no more commands: {waiting} wait and {entries} are in its log.",
     "If nothing is sealed, see why; otherwise send less."},
    {"state_machine_slow", Level::kWarn,
     "{entries} sealed entries wait for the state machine, which has finished none for {seconds} "
     "s.",
     "Look at the processor and at what the state machine does."},
    {"rounds_missed", Level::kWarn,
     "It slept through {missed} of the last {rounds} rounds: it was stopped, or its machine is too "
     "busy for rounds this short.",
     "Look at the processor; a new chain can have longer rounds (median.round_ms)."},
    {"clock_differs", Level::kWarn,
     "The clock of {replicas} and its own disagree by more than a round: messages from there come "
     "too {when}, and count as lost.",
     "Set that clock (NTP)."},
    {"silent", Level::kWarn,
     "It is connected to {replicas} but hears nothing valid from there: a process that hangs, "
     "another genesis, or another version.",
     "Run waggle doctor; if it finds nothing else, restart them one by one."},
    {"replica_missing", Level::kWarn,
     "It does not hear {missing}: {heard} of {n} are left, itself included, and {majority} are "
     "needed.",
     "Start them, or mend the network between them and this one."},
    {"disk_low", Level::kWarn, "Its disk has {free} left.",
     "Make room, or plan for a larger disk."},
    {"idle", Level::kOk,
     "Idle: nothing waits to be sealed. {heard} of {n} servers answered in the last round.", ""},
    {"sealing", Level::kOk,
     "It seals: {final} entries so far. {heard} of {n} servers answered in the last round.", ""},
};

Finding tell(std::string_view code, Values values = {}) { return say(kSentences, code, values); }

std::string text(std::uint64_t number) { return std::to_string(number); }

/// Without a connection or without a word.
std::vector<ReplicaId> missing_of(const MedianFacts& facts) {
  std::vector<ReplicaId> missing = facts.unreached;
  missing.insert(missing.end(), facts.silent.begin(), facts.silent.end());
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  return missing;
}

std::string list_or_nobody(const std::vector<ReplicaId>& replicas) {
  return replicas.empty() ? "nobody" : list(replicas);
}

void add_disk(const MedianFacts& facts, std::vector<Finding>& out) {
  if (facts.disk_free && *facts.disk_free < kDiskFull) {
    out.push_back(tell("disk_full", {{"free", size_text(*facts.disk_free)}}));
  }
  if (facts.syncing_s >= kPatienceSeconds) {
    out.push_back(tell("disk_stuck", {{"seconds", text(facts.syncing_s)}}));
  }
}

void add_contradictions(const MedianFacts& facts, std::vector<Finding>& out) {
  if (!facts.differing.empty()) {
    out.push_back(tell("state_differs", {{"replicas", list(facts.differing)}}));
  }
  if (facts.conflicts > 0) {
    out.push_back(tell("final_conflict", {{"count", text(facts.conflicts)}}));
  }
}

/// Whose clock it is: its own if it is at odds with most of the others in one direction.
void add_clocks(const MedianFacts& facts, std::vector<Finding>& out, bool own) {
  const std::size_t others = facts.n - 1;
  for (const bool early : {true, false}) {
    const std::vector<ReplicaId>& replicas = early ? facts.early : facts.late;
    const char* when = early ? "early" : "late";
    const bool most = 2 * replicas.size() > others && others > 1;
    if (replicas.empty() || most != own) continue;
    out.push_back(own ? tell("clock_off", {{"when", when}})
                      : tell("clock_differs", {{"replicas", list(replicas)}, {"when", when}}));
  }
}

void add_state_of_its_own(const MedianFacts& facts, std::vector<Finding>& out) {
  if (facts.rejoining) out.push_back(tell("rejoining"));
  if (facts.transfer) {
    const MedianFacts::Transfer& transfer = *facts.transfer;
    const bool known = transfer.total > 0;
    out.push_back(tell("state_transfer", {{"from", text(transfer.from.value)},
                                          {"received", size_text(transfer.received)},
                                          {"total", known ? size_text(transfer.total) : "?"}}));
  }
}

/// What does not keep it from sealing.
void add_burdens(const MedianFacts& facts, std::vector<Finding>& out) {
  if (facts.full) {
    out.push_back(
        tell("log_full", {{"waiting", text(facts.pending)}, {"entries", text(facts.log)}}));
  }
  if (facts.applying_s >= kPatienceSeconds) {
    out.push_back(tell("state_machine_slow", {{"entries", text(facts.final - facts.executed)},
                                              {"seconds", text(facts.applying_s)}}));
  }
  if (4 * facts.rounds_missed > facts.rounds_missed + facts.rounds_seen) {
    out.push_back(
        tell("rounds_missed", {{"missed", text(facts.rounds_missed)},
                               {"rounds", text(facts.rounds_missed + facts.rounds_seen)}}));
  }
}

}  // namespace

std::vector<Finding> explain(const MedianFacts& facts) {
  if (facts.stopped) return {tell("stopped")};
  std::vector<Finding> out;
  const std::vector<ReplicaId> missing = missing_of(facts);
  const std::string n = text(facts.n);
  const std::string heard = text(facts.replies);
  const bool enough = facts.replies >= facts.majority;

  add_disk(facts, out);
  add_contradictions(facts, out);
  add_clocks(facts, out, true);
  if (facts.started && !enough) {
    out.push_back(tell("too_few_replies", {{"heard", heard},
                                           {"n", n},
                                           {"majority", text(facts.majority)},
                                           {"missing", list_or_nobody(missing)}}));
  }
  add_state_of_its_own(facts, out);
  if (!facts.started) out.push_back(tell("not_started"));
  const bool stalled = facts.busy && facts.stalled_s >= kPatienceSeconds;
  if (stalled && enough && !facts.rejoining && !facts.transfer) {
    out.push_back(tell("not_sealed", {{"seconds", text(facts.stalled_s)},
                                      {"waiting", text(std::max(facts.pending, facts.log))},
                                      {"heard", heard},
                                      {"n", n}}));
  }
  add_burdens(facts, out);
  add_clocks(facts, out, false);
  if (!facts.silent.empty()) out.push_back(tell("silent", {{"replicas", list(facts.silent)}}));
  if (enough && !missing.empty()) {
    out.push_back(tell("replica_missing", {{"missing", list(missing)},
                                           {"heard", text(facts.n - missing.size())},
                                           {"n", n},
                                           {"majority", text(facts.majority)}}));
  }
  if (facts.disk_free && *facts.disk_free >= kDiskFull && *facts.disk_free < kDiskLow) {
    out.push_back(tell("disk_low", {{"free", size_text(*facts.disk_free)}}));
  }
  if (facts.rejoining || facts.transfer || !facts.started || !enough) return out;
  if (!facts.busy) {
    out.push_back(tell("idle", {{"heard", heard}, {"n", n}}));
  } else if (!stalled) {
    out.push_back(tell("sealing", {{"final", text(facts.final)}, {"heard", heard}, {"n", n}}));
  }
  return out;
}

std::span<const Sentence> median_sentences() { return kSentences; }

}  // namespace waggle::smr
