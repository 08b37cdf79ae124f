#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "consensus/core/buggify.hpp"
#include "consensus/core/protocol_core.hpp"
#include "smr/replica/sessions.hpp"

namespace waggle::smr {

/// Bounds of one replica's own; replicas need not agree on them. Bytes are those of the requests.
struct MempoolLimits {
  std::size_t requests_max = 10'000;
  std::size_t bytes_max = 64 << 20;
  std::size_t client_requests_max = 512;      ///< Of one client.
  std::size_t client_bytes_max = 4 << 20;     ///< Of one client.
  std::size_t forward_bytes_max = 256 << 10;  ///< What one tick returns, unless a single request.
  std::size_t forward_busy_max = 16 << 10;    ///< While our turns come: beyond, it is load.
};

/// Requests that wait for a block, first come first served. Bounded in requests and bytes, over
/// all and per client: what comes when there is no room is refused, nothing is thrown out for it.
///
/// A request is known by (client, first number, count): a client that signs two requests under
/// the same numbers gets one of them. Holds requests by reference count, without a copy.
///
/// Deterministic; not thread-safe; belongs to the thread that owns the core and, with it, the
/// sessions. Takes O(log requests) per request. Sessions and hasher must outlive it.
class Mempool final : public PayloadSource {
 public:
  /// `buggify`: only in tests.
  Mempool(const MempoolLimits& limits, const Limits& chain_limits, const Sessions& sessions,
          const Hasher& hasher, Buggify* buggify = nullptr);

  /// Takes a request whose signature was verified; `request` is what parse_request made of all of
  /// `bytes`. Refuses with
  /// kDuplicate         it is there already;
  /// kNumberOld         all its commands were executed (their results may still be kept);
  /// kNumberTooFar      a command would be beyond the client's window;
  /// kTooLarge          it alone does not fit into a payload;
  /// kClientShareFull, kMempoolFull  no room; to be sent again later.
  Result<void, Refusal> add(SharedBytes bytes, const RequestRef& request);

  bool empty() const noexcept override { return requests_.empty(); }
  /// Oldest first, up to the first request that does not fit any more. Throws out requests that
  /// have become old meanwhile.
  PayloadPtr build(const std::vector<PayloadPtr>& in_flight) override;

  /// A valid block with this payload was seen: its requests are on their way.
  void on_proposed(const Payload& payload);
  /// A block with this payload was committed and its commands admitted to the sessions. Drops its
  /// requests, and whatever else of the same clients has thereby been executed.
  void on_committed(const Payload& payload);

  /// To be called once per forwarding delay. Returns the requests that for one full delay have been
  /// in no block: perhaps no leader knows them, so the caller forwards them. What still waits after
  /// that comes again, less and less often: a forwarded request may have been lost on its way.
  /// `turns_come`: our own blocks commit. Then more than forward_busy_max waits only for its turn,
  /// others have as much of their own, and nothing is returned.
  std::vector<SharedBytes> tick(bool turns_come = false);

  std::size_t size() const noexcept { return requests_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  using Arrival = std::uint64_t;
  struct Key {
    ClientId client;
    std::uint64_t first = 0;
    std::uint32_t count = 0;
    explicit Key(const RequestRef& request)
        : client(request.client), first(request.first), count(request.count) {}
    explicit Key(const ClientId& lowest_of) : client(lowest_of) {}
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Entry {
    SharedBytes bytes;
    RequestRef request;
    std::uint64_t due = 0;       ///< Value of ticks_ at which it is to be forwarded.
    std::uint32_t forwards = 0;  ///< How often that was done.
    bool postponed = false;      ///< A block put it off, once, since it was last forwarded.
  };
  struct Share {
    std::size_t requests = 0;
    std::size_t bytes = 0;
  };
  using Requests = std::map<Arrival, Entry>;

  Result<void, Refusal> check_room(const RequestRef& request) const;
  /// Returns the next one.
  Requests::iterator remove(Requests::iterator found);
  void set_due(Arrival arrival, Entry& entry, std::uint64_t due);
  void drop_executed(const ClientId& client);
  void drop_stale();
  bool due_above(std::size_t bytes_max) const;

  MempoolLimits limits_;
  Limits chain_limits_;
  const Sessions& sessions_;
  const Hasher& hasher_;
  PayloadPtr empty_payload_;
  Buggify* const buggify_;

  Requests requests_;
  std::map<Key, Arrival> by_key_;
  std::map<ClientId, Share> shares_;
  std::set<std::pair<std::uint64_t, Arrival>> due_;  ///< By (due, arrival).
  std::size_t bytes_ = 0;
  Arrival next_arrival_ = 0;
  std::uint64_t ticks_ = 0;
  std::uint64_t evictions_seen_ = 0;
};

}  // namespace waggle::smr
