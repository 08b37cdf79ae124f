#include "consensus/core/buggify.hpp"

#include <array>

namespace waggle {

std::span<const PlaceInfo> places() noexcept {
  using enum Place;
  static constexpr std::array<PlaceInfo, kPlaceCount> kPlaces = {{
      {kShortViewTimer, "short_view_timer", "the view timer runs out after an eighth of its time"},
      {kLongViewTimer, "long_view_timer", "the view timer is set to its cap"},
      {kLateVote, "late_vote", "a vote waits for the next input"},
      {kVoteTwice, "vote_twice", "a vote is sent twice"},
      {kEmptyBlock, "empty_block", "a leader proposes no commands although some wait"},
      {kNeedlessQc, "needless_qc", "a collector broadcasts a QC that its block carries anyway"},
      {kNoReservation, "no_reservation",
       "the next proposal is not reserved ahead: one more record"},
      {kSpareRecord, "spare_record", "the record is persisted once more than needed"},
      {kExtraHeartbeat, "extra_heartbeat", "a heartbeat as a view is entered"},
      {kAnswerTwice, "answer_twice", "a stale message is answered with the certificate twice"},
      {kVotesForgotten, "votes_forgotten", "a voter's oldest vote makes room, as in a full table"},
      {kEarlyTimeoutDropped, "early_timeout_dropped", "a timeout of a view ahead finds no room"},
      {kFetchElsewhere, "fetch_elsewhere", "a missing block is asked of any other replica first"},
      {kFetchOne, "fetch_one", "blocks are asked for one by one"},
      {kHastyFetch, "hasty_fetch", "unanswered questions are asked again almost at once"},
      {kMempoolFull, "mempool_full", "a request is refused as if there were no room"},
      {kSmallPayload, "small_payload", "a block takes one request although more would fit"},
      {kForwardSoon, "forward_soon", "the next look at waiting requests comes almost at once"},
      {kForwardLate, "forward_late", "the next look at waiting requests comes late"},
      {kNoQuickForward, "no_quick_forward",
       "the leader of a quiet chain gets no copy of a request"},
      {kSplitReply, "split_reply", "every result goes to the client in a message of its own"},
      {kReplyTwice, "reply_twice", "a reply is sent twice"},
      {kRoutesForgotten, "routes_forgotten", "it is forgotten who waits for a client's results"},
      {kShortBranch, "short_branch", "a question for blocks is answered with one block at most"},
      {kServerBusy, "server_busy", "a question for blocks is dropped as one too many"},
      {kReconnect, "reconnect", "a connection breaks and comes back"},
  }};
  return kPlaces;
}

}  // namespace waggle
