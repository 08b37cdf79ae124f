#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "consensus/core/refusal.hpp"
#include "consensus/core/result.hpp"
#include "smr/protocol/host_messages.hpp"

/// How a median server that is too far behind gets the state of another one: in pieces, each asked
/// for by itself. Both sides are pure; time is in ticks of a second.
namespace waggle::smr {

/// Bytes of a state that travels, at most: it is held in memory on both sides.
inline constexpr std::uint64_t kStateBytesMax = std::uint64_t{512} << 20;

/// The side that gives. One state is kept for all that ask, until nobody has for a while; the
/// number of entries that it is after is its name.
class StateOffer {
 public:
  static constexpr std::uint32_t kIdleTicks = 10;

  /// A piece of the state; nothing if there is none that helps the asker. Then wants_state() may
  /// say that one should be taken, and taken() answers those that wait.
  std::optional<StateChunk> on_request(ReplicaId from, const StateRequest& request);
  bool wants_state() const noexcept { return !waiting_.empty() && !taking_; }
  void take() { taking_ = true; }
  /// The state after `length` entries; null: it could not be had, and who waits asks again.
  std::map<ReplicaId, StateChunk> taken(std::uint64_t length, SharedBytes state);
  void tick();
  bool holds_state() const noexcept { return state_ != nullptr; }

 private:
  std::optional<StateChunk> piece(std::uint64_t offset);

  SharedBytes state_;
  std::uint64_t length_ = 0;
  std::uint32_t idle_ = 0;
  bool taking_ = false;
  std::map<ReplicaId, std::uint64_t> waiting_;  ///< With the length that each has.
};

/// The side that takes, from one peer at a time; from the next one when that says nothing.
class StateFetch {
 public:
  static constexpr std::uint32_t kRepeatTicks = 2;
  static constexpr std::uint32_t kGiveUpTicks = 6;

  StateFetch(ReplicaId self, std::uint32_t n) : self_(self), n_(n) {}

  bool under_way() const noexcept { return from_.has_value(); }
  /// A request for `to`.
  struct Asking {
    ReplicaId to;
    StateRequest request;
  };
  /// Begins, unless one is under way. `length`: of the final prefix that is here.
  std::optional<Asking> begin(ReplicaId from, std::uint64_t length);
  /// Takes a piece; refuses what was not asked for (kUnsolicited) and what is too large
  /// (kTooLarge). Then asks for the next one, or whole() has it all.
  Result<std::optional<Asking>, Refusal> on_chunk(ReplicaId from, const StateChunk& chunk);
  /// All of it, once; the transfer is over.
  std::optional<Bytes> whole();
  /// What came was no state: from the next peer.
  std::optional<Asking> begin_again(std::uint64_t length);
  std::optional<Asking> tick(std::uint64_t length);
  void end() { from_.reset(); }

  ReplicaId from() const { return *from_; }
  std::uint64_t received() const noexcept { return bytes_.size(); }
  std::uint64_t total() const noexcept { return total_; }

 private:
  Asking ask() const;
  ReplicaId next_peer() const;

  const ReplicaId self_;
  const std::uint32_t n_;
  std::optional<ReplicaId> from_;
  std::uint64_t has_ = 0;    ///< Length of the own final prefix.
  std::uint64_t state_ = 0;  ///< Name of the state; 0: not known yet.
  std::uint64_t total_ = 0;
  Bytes bytes_;
  std::uint32_t quiet_ = 0;  ///< Ticks without a piece.
};

}  // namespace waggle::smr
