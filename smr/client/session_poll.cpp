#include "smr/client/session_poll.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace waggle::client {

void SessionPoll::start(Duration now) {
  answers_.clear();
  enough_since_ = now;
}

void SessionPoll::add(ReplicaId from, std::uint64_t next, Duration now) {
  answers_[from] = next;
  if (answers_.size() <= f_ + 1) enough_since_ = now;
}

std::optional<std::uint64_t> SessionPoll::result(Duration now) const {
  const bool most = answers_.size() >= n_ - f_;
  const bool enough = answers_.size() > f_ && now - enough_since_ >= patience_;
  if (!most && !enough) return std::nullopt;
  std::vector<std::uint64_t> values;
  for (const auto& [from, next] : answers_) values.push_back(next);
  std::nth_element(values.begin(), values.begin() + f_, values.end(), std::greater<>());
  return std::max<std::uint64_t>(values[f_], 1);
}

}  // namespace waggle::client
