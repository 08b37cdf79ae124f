#include "sim/rounds/planted.hpp"

#include <algorithm>

namespace waggle::sim::rounds {
namespace {

/// Algorithm 5 with T so large that it does not part by itself; some clients break the rules.
LogRun compact() {
  LogRun run{.block = "fresh:10%", .rounds = 150};
  run.options = {.parameters = {.n = 64, .T = 45}, .load_until = 90, .doubling = permille(200)};
  return run;
}

/// Algorithm 6 with the repairs of section 7.
LogRun recovery(std::uint32_t n, std::uint32_t t, std::string block) {
  LogRun run{.block = std::move(block), .rounds = 400};
  run.options = {.parameters = {.n = n, .T = t}, .rule = LogRule::kRecovery, .load_until = 150};
  run.options.choices = {.execute_once = true, .skip_boundary = true, .initial_prefix_empty = true};
  return run;
}

/// A surge that meets a near tie, as in 7.5a: T is small, so that there are some.
LogRun near_tie() { return recovery(128, 16, "surge:40+1"); }

/// Whoever is blocked for a window comes back behind the others.
LogRun comes_and_goes() { return recovery(64, 31, "flapping:10%"); }

/// Commands are told within a few windows of 31 rounds.
LogRun in_time() {
  LogRun run = recovery(64, 31, "fresh:5%");
  run.options.bound = 200;
  return run;
}

/// Few make a checkpoint at the first boundary, and these are blocked for a window. By W + 1 the
/// others then make another one of the same number; by the round it is newer.
LogRun same_number() {
  LogRun run = recovery(64, 31, "fresh:60%@30+1,newest:30%@31+31");
  run.options.choices.skip_boundary = false;
  run.options.load_until = 250;
  return run;
}

/// Sealing with windows so short and entries so young that servers often propose different things.
LogRun sealed(std::uint32_t n, std::uint32_t b, std::string block) {
  LogRun run{.block = std::move(block), .rounds = 200};
  run.options = {.parameters = {.n = n, .T = 1, .B = b}, .rule = LogRule::kSealed, .audit = false};
  return run;
}
LogRun losing() { return sealed(3, 2, "lossy:60%,restart:2%"); }
LogRun sleeping() { return sealed(3, 2, "pause:20%+3,lossy:40%"); }
LogRun crashing() { return sealed(3, 2, "crash:10%+4,lossy:50%"); }
LogRun restarting() { return sealed(3, 2, "lossy:70%,restart:5%"); }
LogRun four_servers() { return sealed(4, 3, "crash:10%+4,lossy:50%"); }
LogRun forgetting() { return sealed(5, 2, "loss:10%,lossy:40%"); }

LogRun audited() {
  LogRun run{.block = "fresh:20%", .rounds = 120};
  run.options = {.parameters = {.n = 4, .T = 4, .B = 6}, .rule = LogRule::kSealed, .load = 2};
  return run;
}

constexpr PlantedRule kRules[] = {
    {"no_tie_break", "7.1", "entries of one round have no order",
     [](LogOptions& o) { o.choices.order = median::Choices::Order::kStampOnly; }, compact},
    {"stamps_lost", "4", "entries of others' logs come without their stamps",
     [](LogOptions& o) { o.choices.guards.stamps_kept = false; }, compact},
    {"found_by_place", "7.1", "a log has a command only where the other one has it",
     [](LogOptions& o) { o.choices.guards.found_by_command = false; }, compact},
    {"no_null_rule", "4", "of two commands of one number both stay",
     [](LogOptions& o) { o.choices.null_clashes = false; }, compact},
    {"bit_after_reset", "4", "b is read when the log is already the new one",
     [](LogOptions& o) { o.choices.guards.bit_of_start = false; }, compact},
    {"adoption_before_merge", "5", "the merge writes over what was adopted",
     [](LogOptions& o) { o.choices.guards.merge_before_adoption = false; }, near_tie},
    {"any_reset_counts", "5", "a single reset makes a server roll back",
     [](LogOptions& o) { o.choices.guards.no_reset_wins = false; }, in_time},
    {"no_execute_once", "7.4", "a number that has passed is executed again",
     [](LogOptions& o) { o.choices.execute_once = false; }, comes_and_goes},
    {"no_skip_boundary", "7.4", "a P that is no prefix of the log is committed",
     [](LogOptions& o) { o.choices.skip_boundary = false; }, near_tie},
    {"windows_counted", "7.5c", "windows are numbered W + 1",
     [](LogOptions& o) { o.choices.window_by_round = false; }, same_number},

    {"no_lock", "8.3", "no pre-certificate is filed", [](LogOptions& o) { o.guards.lock = false; },
     losing},
    {"no_marks", "8.3a", "a newer certificate leaves the marks of what it covers",
     [](LogOptions& o) { o.guards.marks = false; }, sleeping},
    {"older_replaces", "8.3c", "an older certificate cuts the lock, too",
     [](LogOptions& o) { o.guards.newer_replaces = false; }, crashing},
    {"lock_shortened", "8.3", "a certificate of a prefix cuts the lock",
     [](LogOptions& o) { o.guards.lock_not_shortened = false; }, losing},
    {"two_pres", "8.2", "two PREs in one window",
     [](LogOptions& o) { o.guards.one_pre_per_window = false; }, sleeping},
    {"commit_after_pre", "8.4", "a COMMIT after the PRE of a later window",
     [](LogOptions& o) { o.guards.no_commit_after_pre = false; }, losing},
    {"one_step", "8.5", "what is certified is sealed",
     [](LogOptions& o) { o.guards.second_step = false; }, losing},
    {"windows_added_up", "8.5", "COMMITs of different windows make a seal",
     [](LogOptions& o) { o.guards.windows_apart = false; }, sleeping},
    {"half_is_enough", "8", "n/2 count as a majority",
     [](LogOptions& o) { o.guards.full_majority = false; }, four_servers},
    {"restart_forgets_pre", "8.0", "a restart forgets the window of the last PRE",
     [](LogOptions& o) { o.guards.restart_keeps_pre = false; }, restarting},
    {"restart_forgets_lock", "8.0", "a restart forgets the lock",
     [](LogOptions& o) { o.guards.restart_keeps_lock = false; }, crashing},
    {"rejoin_at_once", "8.7", "who lost its memory signs at once",
     [](LogOptions& o) { o.guards.rejoin_waits = false; }, forgetting},

    {"root_falls_back", "6", "a chain that misses the root is judged by its lower links",
     [](LogOptions& o) { o.chain_guards.root_alone_decides = false; }, audited},
    {"folded_too_far", "6", "a stored chain is folded above the certificate's level",
     [](LogOptions& o) { o.chain_guards.folds_to_level = false; }, audited},
    {"window_slot_off", "6", "of three commands of a client the second is forgotten",
     [](LogOptions& o) { o.chain_guards.keeps_last_two = false; }, audited},
};

}  // namespace

std::span<const PlantedRule> planted_rules() { return kRules; }

const PlantedRule* find_planted_rule(std::string_view name) {
  const auto* found = std::find_if(std::begin(kRules), std::end(kRules),
                                   [name](const PlantedRule& rule) { return rule.name == name; });
  return found == std::end(kRules) ? nullptr : found;
}

}  // namespace waggle::sim::rounds
