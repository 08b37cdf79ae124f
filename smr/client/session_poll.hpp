#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "consensus/core/ids.hpp"

namespace waggle::client {

/// Finds out from which number on a client may go on, by asking replicas of which up to f lie.
///
/// The answer is the (f+1)th highest of those given: an honest replica gave it or a higher one, so
/// every number below it has been executed, or will never be. It may be too low when those who
/// answered lag behind; it is never too high. n-f answers are waited for, and if some are missing
/// for longer than `patience`, f+1 do. Time is a span since any fixed moment. Pure.
class SessionPoll {
 public:
  SessionPoll(std::uint32_t n, std::uint32_t f, Duration patience)
      : n_(n), f_(f), patience_(patience) {}

  /// Forgets all answers.
  void start(Duration now);
  void add(ReplicaId from, std::uint64_t next, Duration now);
  bool has_answer(ReplicaId from) const { return answers_.contains(from); }
  std::optional<std::uint64_t> result(Duration now) const;

 private:
  std::uint32_t n_;
  std::uint32_t f_;
  Duration patience_;
  std::map<ReplicaId, std::uint64_t> answers_;
  Duration enough_since_{0};  ///< When the (f+1)th answer came.
};

}  // namespace waggle::client
