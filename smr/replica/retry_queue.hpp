#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>

#include "smr/replica/environment.hpp"

namespace waggle::smr {

/// Requests that were executed before and wait to be answered again. Connections take turns, so
/// that who sends many waits only for itself. Pure; not thread-safe.
class RetryQueue {
 public:
  /// Of one connection at most.
  static constexpr std::size_t kWaitingMax = 1024;

  struct Retry {
    ClientConnection to;
    RequestRef request;
  };

  /// Whether there was room for it.
  bool add(ClientConnection to, const RequestRef& request) {
    std::deque<RequestRef>& waiting = waiting_[to];
    if (waiting.size() >= kWaitingMax) return false;
    waiting.push_back(request);
    return true;
  }
  /// The first one of the connection whose turn it is.
  std::optional<Retry> next() {
    if (waiting_.empty()) return std::nullopt;
    auto turn = waiting_.upper_bound(last_);
    if (turn == waiting_.end()) turn = waiting_.begin();
    last_ = turn->first;
    const Retry retry{turn->first, turn->second.front()};
    turn->second.pop_front();
    if (turn->second.empty()) waiting_.erase(turn);
    return retry;
  }
  void close(ClientConnection connection) { waiting_.erase(connection); }

 private:
  std::map<ClientConnection, std::deque<RequestRef>> waiting_;  ///< None of them empty.
  ClientConnection last_;                                       ///< Whose turn was last.
};

}  // namespace waggle::smr
