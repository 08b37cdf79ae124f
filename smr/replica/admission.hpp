#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/core/refusal.hpp"
#include "smr/median/named.hpp"
#include "smr/median/server.hpp"
#include "smr/replica/mempool.hpp"

namespace waggle::smr {

/// How many commands of clients a median server takes into the rule at a time; the others wait
/// here, first come first served. A round has to end in time whatever is submitted: as it begins
/// each server tells every other what its log has more, and once that takes longer than a round,
/// everything comes late, nothing is sealed, and the logs only differ more. So the window is found
/// as TCP finds its own (RFC 5681, congestion avoidance): it grows by one command per round in
/// which it was used up, and halves after a round that did not end in time.
///
/// Decision bb of docs/spec/median-smr.md. Bounded like the mempool of the other protocol. Pure;
/// not thread-safe.
class Admission {
 public:
  static constexpr std::size_t kWindowMin = 4;
  static constexpr std::size_t kWindowStart = 64;
  static constexpr std::size_t kWindowMax = median::kLogEntriesMax / 4;
  /// So many rounds pass from one halving to the next, so that the first can show what it does.
  static constexpr std::uint32_t kCalm = 16;

  explicit Admission(const MempoolLimits& limits) : limits_(limits) {}

  /// A command of a client; `client` is its key, of all lanes. Refuses with kDuplicate,
  /// kMempoolFull or kClientShareFull.
  Result<void, Refusal> add(median::Content content, const ClientId& client);
  /// The next one that is not final meanwhile, if the core, which has `pending` of them, may have
  /// one more.
  std::optional<median::Content> next(std::size_t pending, const median::FinalPrefix& final);

  /// What happened since the last round.
  struct Round {
    struct Peer {
      std::uint64_t in_time = 0;  ///< Of its messages.
      std::uint64_t late = 0;
    };
    std::uint64_t skipped = 0;  ///< Rounds that went by unseen.
    std::vector<Peer> peers;    ///< Of whom anything came.
    bool ended_in_time() const;
  };
  void on_round(const Round& round);

  std::size_t waiting() const noexcept { return waiting_.size(); }
  std::size_t window() const noexcept { return window_; }
  bool full() const noexcept {
    return waiting_.size() >= limits_.requests_max || bytes_ >= limits_.bytes_max;
  }

 private:
  struct Share {
    std::size_t requests = 0;
    std::size_t bytes = 0;
  };
  struct Waiting {
    median::Content content;
    ClientId client;
  };
  median::Content take_first();

  const MempoolLimits limits_;
  std::deque<Waiting> waiting_;
  std::set<Digest> leaves_;  ///< Of these.
  std::map<ClientId, Share> shares_;
  std::size_t bytes_ = 0;

  std::size_t window_ = kWindowStart;
  bool used_up_ = false;  ///< In this round.
  std::uint32_t calm_ = 0;
};

}  // namespace waggle::smr
