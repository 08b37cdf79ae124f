#include "sim/world/planted.hpp"

#include <algorithm>
#include <vector>

namespace waggle::sim {
namespace {

using chained::Guards;

template <bool Guards::*guard>
void without(WorldOptions& options) {
  options.guards.*guard = false;
}

template <bool CertificateGuards::*guard>
void without(WorldOptions& options) {
  options.certificate_guards.*guard = false;
}

}  // namespace

std::span<const PlantedBug> planted_bugs() {
  static const std::vector<PlantedBug> kBugs = {
      {"duplicate_signer", "2", "pbeegees", "one signer of a certificate is counted twice",
       without<&CertificateGuards::distinct_signers>},
      {"small_tc", "2", "pbeegees", "a TC of q - 1 timeouts counts",
       without<&CertificateGuards::full_tc>},
      {"inflated_qc_view", "2", "pbeegees", "the view of a QC is believed as claimed",
       without<&CertificateGuards::view_signed>},
      {"rank_by_view", "3.4", "pbeegees", "tips are ranked by their view alone",
       without<&Guards::rank_by_qc_view>},
      {"rank_unchecked", "3.4", "pbeegees", "claimed ranks are believed",
       without<&Guards::rank_claims_checked>},
      {"lower_tip", "3.4", "pbeegees", "a leader may build on any tip of its TC",
       without<&Guards::parent_of_maximal_rank>},
      {"no_traceback", "3.6", "pbeegees", "only the block itself is validated",
       without<&Guards::traceback>},
      {"parent_only", "3.6", "pbeegees", "only a block and its parent are validated",
       without<&Guards::traceback_beyond_parent>},
      {"missing_tips", "3.6", "pbeegees", "other tips of the parent's view need not be there",
       without<&Guards::parent_view_tips>},
      {"imprudent", "3.7a", "pbeegees", "a leader counts tips that it has not validated",
       without<&Guards::prudent_counting>},
      {"restart_forgets_timeout", "4", "pbeegees", "a restart forgets which view was given up",
       without<&Guards::restart_keeps_timeout>},
      {"votes_not_persisted", "4", "pbeegees", "what is sent is not on disk yet",
       [](WorldOptions& options) { options.disk.syncs_lie = true; }},
      {"vote_after_timeout", "4.2", "pbeegees", "a vote in a view that was given up",
       without<&Guards::no_vote_after_timeout>},
      {"two_votes", "4.2", "pbeegees", "two votes in one view",
       without<&Guards::one_vote_per_view>},
      {"tip_stays", "4.2", "pbeegees", "the tip does not follow the vote",
       without<&Guards::tip_follows_vote>},
      {"leave_at_vote", "4.2", "pbeegees", "the next view is entered at the vote",
       without<&Guards::stay_until_certified>},
      {"no_join", "4.5", "pbeegees", "timeouts of others are not joined", without<&Guards::join>},
      {"no_grace", "4.7", "pbeegees", "a silent collector gets another whole view",
       without<&Guards::grace>},
      {"no_forwarding", "4.9", "pbeegees", "commands are not forwarded to all",
       [](WorldOptions& options) { options.forwards_lost = true; }},
      {"babble", "4.9", "pbeegees", "an idle leader proposes without a reason",
       without<&Guards::quiet_when_idle>},
      {"rejoin_at_once", "4.10", "pbeegees", "a replica that lost its memory goes on as before",
       without<&Guards::rejoin_abstains>},
      {"rejoin_on_any_tip", "4.10", "pbeegees", "any certified block ends a rejoin",
       without<&Guards::rejoin_on_certified>},
      {"proof_without_precommit", "5.2", "pbeegees", "an outsider accepts proofs without 5.2",
       without<&CertificateGuards::proof_precommit>},
      {"no_equivocation_check", "5.2", "pbeegees", "commits in spite of another tip",
       without<&Guards::equivocation_check>},
      {"halt_below", "5.3", "pbeegees", "a legal certificate below the head stops replicas",
       without<&Guards::halt_only_at_or_above>},
      {"commit_over_gap", "HotStuff", "chained-hotstuff", "the commit rule ignores a gap",
       without<&Guards::commit_consecutive>},
      {"commit_over_gap_fast", "Fast-HotStuff", "fast-hotstuff", "the commit rule ignores a gap",
       without<&Guards::commit_consecutive>},
  };
  return kBugs;
}

const PlantedBug* find_planted_bug(std::string_view name) {
  const auto bugs = planted_bugs();
  const auto found = std::find_if(bugs.begin(), bugs.end(),
                                  [name](const PlantedBug& bug) { return bug.name == name; });
  return found == bugs.end() ? nullptr : &*found;
}

void plant(const PlantedBug& bug, WorldOptions& options) {
  bug.plant(options);
  options.without.emplace_back(bug.name);
}

void unplant(WorldOptions& options) {
  const WorldOptions usual;
  const auto& names = options.without;
  if (std::find(names.begin(), names.end(), "no_forwarding") != names.end()) {
    options.forwards_lost = false;
  }
  options.disk.syncs_lie = false;
  options.guards = usual.guards;
  options.certificate_guards = usual.certificate_guards;
  options.without.clear();
}

}  // namespace waggle::sim
