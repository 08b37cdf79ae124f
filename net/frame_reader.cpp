#include "net/frame_reader.hpp"

#include <algorithm>
#include <utility>

#include "consensus/core/encoding.hpp"
#include "consensus/core/ensure.hpp"
#include "net/codec.hpp"

namespace waggle::net {
namespace {

constexpr std::size_t kChunk = 64 << 10;

/// Room for the next bytes of a buffer that will hold `target` in the end: reserved at once, so
/// that it never moves, but touched only piece by piece.
std::span<std::uint8_t> room(Bytes& bytes, std::size_t filled, std::size_t target) {
  if (bytes.size() == filled) {
    bytes.reserve(target);
    bytes.resize(std::min(target, filled + kChunk));
  }
  return std::span(bytes).subspan(filled);
}

}  // namespace

FrameReader::FrameReader(const FrameLimits& limits) : limits_(limits), target_(prefix_.size()) {}

std::span<std::uint8_t> FrameReader::want() {
  switch (stage_) {
    case Stage::kPrefix: return std::span(prefix_).subspan(filled_);
    case Stage::kHeader: return room(frame_.header, filled_, target_);
    case Stage::kPayload: return room(*segment_, filled_, target_);
    case Stage::kSkipped: return std::span(skipped_).first(std::min(kChunk, target_ - filled_));
    case Stage::kDone: break;
  }
  ENSURE(false, "a complete frame was not taken");
  return {};
}

Result<bool, Refusal> FrameReader::advance(std::size_t size) {
  filled_ += size;
  ENSURE(filled_ <= target_);
  if (filled_ < target_) return false;
  filled_ = 0;
  switch (stage_) {
    case Stage::kPrefix: return on_prefix();
    case Stage::kHeader: return on_header();
    case Stage::kPayload: frame_.segments.push_back(std::move(segment_)); return next_segment();
    case Stage::kSkipped: stage_ = Stage::kDone; return true;
    case Stage::kDone: break;
  }
  ENSURE(false, "a complete frame was not taken");
  return false;
}

Result<bool, Refusal> FrameReader::on_prefix() {
  Reader reader(prefix_);
  target_ = reader.u32();
  payload_size_ = reader.u32();
  if (target_ == 0) return Unexpected{Refusal::kMalformed};
  const bool refused = too_large() && limits_.payload_head_bytes == 0;
  if (target_ > limits_.header_bytes_max || refused) return Unexpected{Refusal::kTooLarge};
  stage_ = Stage::kHeader;
  return false;
}

Result<bool, Refusal> FrameReader::on_header() {
  auto sizes = segment_sizes(frame_.header, payload_size_, limits_);
  if (!sizes) return Unexpected{sizes.error()};
  sizes_ = std::move(*sizes);
  if (too_large()) {
    sizes_ = {std::min(payload_size_, limits_.payload_head_bytes)};
    frame_.skipped = payload_size_ - sizes_[0];
  }
  frame_.segments.reserve(sizes_.size());
  stage_ = Stage::kPayload;
  return next_segment();
}

/// Begins the next segment that has bytes; true when there is none left.
bool FrameReader::next_segment() {
  while (frame_.segments.size() < sizes_.size()) {
    target_ = sizes_[frame_.segments.size()];
    segment_ = std::make_shared<Bytes>();
    if (target_ != 0) return false;
    frame_.segments.push_back(std::move(segment_));
  }
  if (frame_.skipped == 0) {
    stage_ = Stage::kDone;
    return true;
  }
  stage_ = Stage::kSkipped;
  target_ = frame_.skipped;
  skipped_.resize(kChunk);
  return false;
}

Frame FrameReader::take() {
  ENSURE(stage_ == Stage::kDone);
  stage_ = Stage::kPrefix;
  target_ = prefix_.size();
  Bytes().swap(skipped_);
  return std::exchange(frame_, {});
}

}  // namespace waggle::net
