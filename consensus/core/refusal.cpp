#include "consensus/core/refusal.hpp"

namespace waggle {

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::kMalformed:
      return "malformed";
    case Refusal::kTooLarge:
      return "too_large";
    case Refusal::kUnknownReplica:
      return "unknown_replica";
    case Refusal::kWrongSender:
      return "wrong_sender";
    case Refusal::kBadSignature:
      return "bad_signature";
    case Refusal::kDuplicateSigner:
      return "duplicate_signer";
    case Refusal::kTooFewSigners:
      return "too_few_signers";
    case Refusal::kBadCertificate:
      return "bad_certificate";
    case Refusal::kBadPayload:
      return "bad_payload";
    case Refusal::kWrongLeader:
      return "wrong_leader";
    case Refusal::kBadHeight:
      return "bad_height";
    case Refusal::kBadView:
      return "bad_view";
    case Refusal::kQcNotAncestor:
      return "qc_not_ancestor";
    case Refusal::kQcBelowParent:
      return "qc_below_parent";
    case Refusal::kNotFastForm:
      return "not_fast_form";
    case Refusal::kTipAboveTc:
      return "tip_above_tc";
    case Refusal::kRankNotMaximal:
      return "rank_not_maximal";
    case Refusal::kFalseRank:
      return "false_rank";
    case Refusal::kBadHistoryRoot:
      return "bad_history_root";
    case Refusal::kPayloadBeyondDepth:
      return "payload_beyond_depth";
    case Refusal::kMissingAncestor:
      return "missing_ancestor";
    case Refusal::kInvalidAncestor:
      return "invalid_ancestor";
    case Refusal::kMissingTip:
      return "missing_tip";
    case Refusal::kConflictsCommitted:
      return "conflicts_committed";
    case Refusal::kStaleView:
      return "stale_view";
    case Refusal::kFutureView:
      return "future_view";
    case Refusal::kAlreadyVoted:
      return "already_voted";
    case Refusal::kAlreadyTimedOut:
      return "already_timed_out";
    case Refusal::kPassive:
      return "passive";
    case Refusal::kTooMany:
      return "too_many";
    case Refusal::kUnsolicited:
      return "unsolicited";
    case Refusal::kDuplicate:
      return "duplicate";
    case Refusal::kUnprovenView:
      return "unproven_view";
    case Refusal::kRateLimited:
      return "rate_limited";
    case Refusal::kClientNotAllowed:
      return "client_not_allowed";
    case Refusal::kNumberOld:
      return "number_old";
    case Refusal::kNumberTooFar:
      return "number_too_far";
    case Refusal::kMempoolFull:
      return "mempool_full";
    case Refusal::kClientShareFull:
      return "client_share_full";
    case Refusal::kUnsupportedVersion:
      return "unsupported_version";
    case Refusal::kUnknownKind:
      return "unknown_kind";
    case Refusal::kThrottled:
      return "throttled";
  }
  return "unknown";
}

}  // namespace waggle
