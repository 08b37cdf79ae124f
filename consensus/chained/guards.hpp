#pragma once

namespace waggle::chained {

/// Every guard of the spec that a test may remove, to show that a schedule then breaks what the
/// guard protects (spec, section 9). Production code never makes anything but Guards{}.
struct Guards {
  bool traceback = true;                ///< 3.6: walk down to B_QC.
  bool traceback_beyond_parent = true;  ///< 3.6: not only the block and its parent.
  bool parent_view_tips = true;         ///< 3.6: other tips of the parent's view are present.
  bool rank_by_qc_view = true;          ///< 3.4: rank is (view, qc_view), not the view alone.
  bool rank_claims_checked = true;      ///< 3.4: the claimed rank is the real one.
  bool parent_of_maximal_rank = true;   ///< 3.4: the parent is the tip of maximal rank.
  bool prudent_counting = true;         ///< 3.7a: only validated tips count.
  bool no_vote_after_timeout = true;    ///< 4.2.
  bool one_vote_per_view = true;        ///< 4.2.
  bool tip_follows_vote = true;         ///< 4.2: tip := B.
  bool stay_until_certified = true;     ///< 4.2: do not enter v + 1 at the vote.
  bool join = true;                     ///< 4.5; off: only q timeouts of one view move on.
  bool grace = true;                    ///< 4.7.
  bool quiet_when_idle = true;          ///< 4.9: no proposals without a reason.
  bool equivocation_check = true;       ///< 5.2.
  bool halt_only_at_or_above = true;    ///< 5.3: a lower conflicting certificate is legal.
  bool rejoin_abstains = true;          ///< 4.10: passive until a block above M is certified.
  bool rejoin_on_certified = true;      ///< 4.10: a newly certified block ends it, not any tip.
  bool restart_keeps_timeout = true;    ///< 4: what was timed out stays so after a restart.
  bool commit_consecutive = true;       ///< HotStuff: only consecutive views commit.
};

}  // namespace waggle::chained
