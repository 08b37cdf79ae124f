#include "smr/replica/admission.hpp"

#include <algorithm>
#include <utility>

namespace waggle::smr {

Result<void, Refusal> Admission::add(median::Content content, const ClientId& client) {
  if (leaves_.contains(content.command.digest)) return Unexpected{Refusal::kDuplicate};
  const std::size_t size = content.request->size();
  if (waiting_.size() >= limits_.requests_max || bytes_ + size > limits_.bytes_max) {
    return Unexpected{Refusal::kMempoolFull};
  }
  const auto found = shares_.find(client);
  const Share share = found == shares_.end() ? Share{} : found->second;
  if (share.requests >= limits_.client_requests_max ||
      share.bytes + size > limits_.client_bytes_max) {
    return Unexpected{Refusal::kClientShareFull};
  }
  shares_[client] = {share.requests + 1, share.bytes + size};
  bytes_ += size;
  leaves_.insert(content.command.digest);
  waiting_.push_back({std::move(content), client});
  return {};
}

std::optional<median::Content> Admission::next(std::size_t pending,
                                               const median::FinalPrefix& final) {
  const auto is_final = [&final](const Waiting& one) {
    return one.content.command.number <= final.number(one.content.command.client);
  };
  while (!waiting_.empty() && is_final(waiting_.front())) take_first();  // others took it in
  if (waiting_.empty()) return std::nullopt;
  if (pending >= window_) {
    used_up_ = true;
    return std::nullopt;
  }
  return take_first();
}

median::Content Admission::take_first() {
  const Waiting one = std::move(waiting_.front());
  waiting_.pop_front();
  leaves_.erase(one.content.command.digest);
  const std::size_t size = one.content.request->size();
  bytes_ -= size;
  const auto share = shares_.find(one.client);
  share->second.bytes -= size;
  if (--share->second.requests == 0) shares_.erase(share);
  return one.content;
}

/// Servers that are late with most of what they say have a reason of their own, as one that was
/// blocked and comes back: they do not count, unless they are most of those that speak.
bool Admission::Round::ended_in_time() const {
  std::uint64_t in_time = 0;
  std::uint64_t late = 0;
  std::size_t behind = 0;
  for (const Peer& peer : peers) {
    if (peer.late > peer.in_time) {
      ++behind;
    } else {
      in_time += peer.in_time;
      late += peer.late;
    }
  }
  return skipped == 0 && 2 * behind <= peers.size() && 4 * late <= in_time + late;
}

void Admission::on_round(const Round& round) {
  const bool congested = !round.ended_in_time();
  if (calm_ > 0) --calm_;
  if (congested && calm_ == 0) {
    window_ = std::max(window_ / 2, kWindowMin);
    calm_ = kCalm;
  } else if (!congested && used_up_) {
    window_ = std::min(window_ + 1, kWindowMax);
  }
  used_up_ = false;
}

}  // namespace waggle::smr
