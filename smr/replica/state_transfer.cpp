#include "smr/replica/state_transfer.hpp"

#include <algorithm>
#include <utility>

namespace waggle::smr {

std::optional<StateChunk> StateOffer::on_request(ReplicaId from, const StateRequest& request) {
  if (state_ && request.state == length_) return piece(request.offset);
  if (request.state != 0) return StateChunk{request.state, 0, 0, {}};  // gone: begin anew
  if (state_ && length_ > request.length) return piece(0);
  waiting_[from] = request.length;
  return std::nullopt;
}

std::optional<StateChunk> StateOffer::piece(std::uint64_t offset) {
  idle_ = 0;
  if (offset >= state_->size()) return std::nullopt;
  const auto begin = state_->begin() + static_cast<std::ptrdiff_t>(offset);
  const std::size_t size = std::min<std::size_t>(kStateChunkMax, state_->size() - offset);
  return StateChunk{length_, state_->size(), offset,
                    Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))};
}

std::map<ReplicaId, StateChunk> StateOffer::taken(std::uint64_t length, SharedBytes state) {
  taking_ = false;
  std::map<ReplicaId, StateChunk> answers;
  const auto waiting = std::exchange(waiting_, {});
  if (!state || state->empty()) return answers;
  state_ = std::move(state);
  length_ = length;
  for (const auto& [peer, has] : waiting) {
    if (auto chunk = has < length_ ? piece(0) : std::nullopt) answers[peer] = std::move(*chunk);
  }
  return answers;
}

void StateOffer::tick() {
  if (state_ && ++idle_ > kIdleTicks) state_ = nullptr;
}

std::optional<StateFetch::Asking> StateFetch::begin(ReplicaId from, std::uint64_t length) {
  if (from_ || from == self_) return std::nullopt;
  from_ = from;
  has_ = length;
  state_ = 0;
  total_ = 0;
  quiet_ = 0;
  bytes_.clear();
  return ask();
}

StateFetch::Asking StateFetch::ask() const { return {*from_, {has_, state_, bytes_.size()}}; }

Result<std::optional<StateFetch::Asking>, Refusal> StateFetch::on_chunk(ReplicaId from,
                                                                        const StateChunk& chunk) {
  if (from_ != from) return Unexpected{Refusal::kUnsolicited};
  if (state_ != 0 && chunk.state == state_ && chunk.total == 0) {  // it keeps this one no more
    state_ = 0;
    bytes_.clear();
    return std::optional(ask());
  }
  const bool expected = (state_ == 0 || (chunk.state == state_ && chunk.total == total_)) &&
                        chunk.state > has_ && chunk.offset == bytes_.size();
  if (!expected) return Unexpected{Refusal::kUnsolicited};
  if (chunk.total > kStateBytesMax || chunk.bytes.empty() ||
      chunk.bytes.size() > chunk.total - chunk.offset) {
    return Unexpected{Refusal::kTooLarge};
  }
  state_ = chunk.state;
  total_ = chunk.total;
  quiet_ = 0;
  bytes_.insert(bytes_.end(), chunk.bytes.begin(), chunk.bytes.end());
  if (bytes_.size() == total_) return std::optional<Asking>();
  return std::optional(ask());
}

std::optional<Bytes> StateFetch::whole() {
  if (!from_ || total_ == 0 || bytes_.size() != total_) return std::nullopt;
  total_ = 0;
  return std::exchange(bytes_, {});
}

ReplicaId StateFetch::next_peer() const {
  std::uint32_t next = (from_->value + 1) % n_;
  if (next == self_.value) next = (next + 1) % n_;
  return ReplicaId{next};
}

std::optional<StateFetch::Asking> StateFetch::begin_again(std::uint64_t length) {
  if (!from_) return std::nullopt;
  const ReplicaId next = next_peer();
  from_.reset();
  return begin(next, length);
}

std::optional<StateFetch::Asking> StateFetch::tick(std::uint64_t length) {
  if (!from_) return std::nullopt;
  ++quiet_;
  if (quiet_ >= kGiveUpTicks) return begin_again(length);
  if (quiet_ % kRepeatTicks != 0) return std::nullopt;
  return ask();
}

}  // namespace waggle::smr
