#include "crypto/random.hpp"

#include <algorithm>
#include <cstring>

#include <sodium.h>

#include "crypto/init.hpp"
#include "crypto/secret.hpp"

namespace waggle::crypto {

static_assert(crypto_stream_chacha20_KEYBYTES == 32);

void random_bytes(std::span<std::uint8_t> out) noexcept {
  init();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  random_bytes(std::span(bytes));
  return bytes;
}

SystemRng::SystemRng() noexcept {
  random_bytes(key_);
  refill();
}

SystemRng::~SystemRng() {
  wipe(key_);
  wipe(buffer_);
}

void SystemRng::refill() noexcept {
  // The key changes with every refill, so the nonce need not.
  static constexpr std::uint8_t kNonce[crypto_stream_chacha20_NONCEBYTES] = {};
  crypto_stream_chacha20(buffer_.data(), buffer_.size(), kNonce, key_.data());
  std::copy_n(buffer_.begin(), key_.size(), key_.begin());
  wipe(std::span(buffer_).first(key_.size()));
  used_ = key_.size();
}

std::uint64_t SystemRng::next() noexcept {
  std::uint64_t value = 0;
  if (used_ + sizeof(value) > buffer_.size()) refill();
  std::memcpy(&value, buffer_.data() + used_, sizeof(value));
  std::memset(buffer_.data() + used_, 0, sizeof(value));
  used_ += sizeof(value);
  return value;
}

}  // namespace waggle::crypto
