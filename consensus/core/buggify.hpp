#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// Places in cores and host where a legal path that is rarely taken can be taken often: tests then
/// meet in seconds what a cluster meets once in years. The word and the idea are FoundationDB's.
namespace waggle {

/// Every place. Whatever strikes there, all rules of the protocol hold: a peer may not be able to
/// tell it from a slow or lossy network, a full table or a busy process.
enum class Place : std::uint8_t {
  // The core.
  kShortViewTimer,
  kLongViewTimer,
  kLateVote,
  kVoteTwice,
  kEmptyBlock,
  kNeedlessQc,
  kNoReservation,
  kSpareRecord,
  kExtraHeartbeat,
  kAnswerTwice,
  kVotesForgotten,
  kEarlyTimeoutDropped,
  kFetchElsewhere,
  kFetchOne,
  kHastyFetch,
  // The host.
  kMempoolFull,
  kSmallPayload,
  kForwardSoon,
  kForwardLate,
  kNoQuickForward,
  kSplitReply,
  kReplyTwice,
  kRoutesForgotten,
  kShortBranch,
  kServerBusy,
  kReconnect,
};
inline constexpr std::size_t kPlaceCount = 26;

struct PlaceInfo {
  Place place;
  std::string_view name;  ///< In snake_case, as scenarios and reports call it.
  std::string_view what;  ///< What happens there when it strikes.
};
/// All places, in the order of the enumeration.
std::span<const PlaceInfo> places() noexcept;

/// Decides whether a place strikes, every time that it is reached. Handed in with the setup of a
/// core or host, by tests only. Not thread-safe: called on the owner's thread.
class Buggify {
 public:
  virtual ~Buggify() = default;
  virtual bool strikes(Place place) noexcept = 0;
};

/// How code asks. Null, as in every production build: nothing ever strikes.
inline bool strikes(Buggify* buggify, Place place) noexcept {
  return buggify != nullptr && buggify->strikes(place);
}

}  // namespace waggle
