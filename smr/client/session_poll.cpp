#include "smr/client/session_poll.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace waggle::client {

void SessionPoll::start(Duration now) {
  answers_.clear();
  believed_since_ = now;
}

void SessionPoll::add(ReplicaId from, std::uint64_t next, Duration now) {
  answers_[from] = next;
  if (answers_.size() <= believed_) believed_since_ = now;
}

std::optional<std::uint64_t> SessionPoll::result(Duration now) const {
  const bool most = answers_.size() >= enough_;
  const bool enough = answers_.size() >= believed_ && now - believed_since_ >= patience_;
  if (!most && !enough) return std::nullopt;
  std::vector<std::uint64_t> values;
  for (const auto& [from, next] : answers_) values.push_back(next);
  const auto last = values.begin() + (believed_ - 1);
  std::nth_element(values.begin(), last, values.end(), std::greater<>());
  return std::max<std::uint64_t>(*last, 1);
}

}  // namespace waggle::client
