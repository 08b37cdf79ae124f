#pragma once

#include <span>

#include "net/frame.hpp"

namespace waggle::net {

/// Puts frames together from a stream. Says where the next bytes belong, so that they are
/// decrypted straight into the frame: a payload is never moved. Memory grows with the bytes that
/// have arrived, not with those that a prefix announces. Pure; refuses, never aborts.
class FrameReader {
 public:
  explicit FrameReader(const FrameLimits& limits);

  /// Where the next bytes go; never empty. Valid until the next call.
  std::span<std::uint8_t> want();
  /// `size` bytes were put at want(). True: a frame is complete, take() it.
  /// After a refusal the stream cannot be read any further.
  Result<bool, Refusal> advance(std::size_t size);
  Frame take();

  /// A frame has begun and is not complete.
  bool partial() const noexcept { return stage_ != Stage::kPrefix || filled_ != 0; }

 private:
  enum class Stage { kPrefix, kHeader, kPayload, kSkipped, kDone };
  Result<bool, Refusal> on_prefix();
  Result<bool, Refusal> on_header();
  bool next_segment();
  bool too_large() const noexcept { return payload_size_ > limits_.payload_bytes_max; }

  FrameLimits limits_;
  Stage stage_ = Stage::kPrefix;
  std::array<std::uint8_t, 8> prefix_{};
  std::size_t filled_ = 0;  // of the prefix, the header or the current segment
  std::size_t target_ = 0;  // its whole length
  std::uint32_t payload_size_ = 0;
  Frame frame_;
  std::vector<std::uint32_t> sizes_;  // of the segments
  std::shared_ptr<Bytes> segment_;    // the one being filled
  Bytes skipped_;                     // what is read past; overwritten again and again
};

}  // namespace waggle::net
