#include "smr/app/state_digest.hpp"

namespace waggle::app {

Digest StateDigest::element(ByteView key, ByteView value) const {
  const Bytes key_length = Writer().u32(static_cast<std::uint32_t>(key.size())).take();
  return hasher_->hash({tag_, key_length, key, value});
}

void StateDigest::add(const Digest& element) noexcept {
  unsigned carry = 0;
  for (std::size_t i = 0; i < Digest::kSize; ++i) {
    carry += unsigned{value_.bytes[i]} + element.bytes[i];
    value_.bytes[i] = static_cast<std::uint8_t>(carry & 0xff);
    carry >>= 8;
  }
}

void StateDigest::remove(const Digest& element) noexcept {
  unsigned borrow = 0;
  for (std::size_t i = 0; i < Digest::kSize; ++i) {
    const unsigned take = element.bytes[i] + borrow;
    borrow = value_.bytes[i] < take ? 1 : 0;
    value_.bytes[i] = static_cast<std::uint8_t>((value_.bytes[i] - take) & 0xff);
  }
}

}  // namespace waggle::app
