#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "consensus/core/ids.hpp"

namespace waggle::client {

/// Finds out from which number on a session may go on, by asking replicas of which so many have to
/// say the same to be believed, `believed`.
///
/// The answer is the (believed)th highest of those given: a replica that does not lie gave it or a
/// higher one, so every number below it has been executed, or will never be. It may be too low when
/// those who answered lag behind; it is never too high. `enough` answers are waited for, and if
/// some are missing for longer than `patience`, `believed` do. Time is a span since any fixed
/// moment. Pure.
class SessionPoll {
 public:
  SessionPoll(std::uint32_t enough, std::uint32_t believed, Duration patience)
      : enough_(enough), believed_(believed), patience_(patience) {}

  /// Forgets all answers.
  void start(Duration now);
  void add(ReplicaId from, std::uint64_t next, Duration now);
  bool has_answer(ReplicaId from) const { return answers_.contains(from); }
  std::optional<std::uint64_t> result(Duration now) const;

 private:
  std::uint32_t enough_;
  std::uint32_t believed_;
  Duration patience_;
  std::map<ReplicaId, std::uint64_t> answers_;
  Duration believed_since_{0};  ///< When the (believed)th answer came.
};

}  // namespace waggle::client
