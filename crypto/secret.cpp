#include "crypto/secret.hpp"

#include <cstring>
#include <new>
#include <utility>

#include <sodium.h>

#include "crypto/init.hpp"

namespace waggle::crypto {

void wipe(std::span<std::uint8_t> bytes) noexcept {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

void wipe(Bytes& bytes) noexcept {
  bytes.resize(bytes.capacity());  // within the capacity: neither allocates nor throws
  wipe(std::span(bytes));
  bytes.clear();
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());
  sodium_memzero(text.data(), text.size());
  text.clear();
}

bool constant_time_equal(ByteView a, ByteView b) noexcept {
  if (a.size() != b.size()) return false;
  return a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  init();
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) throw std::bad_alloc();
  std::memset(data_, 0, size);
}

SecretBytes::~SecretBytes() { sodium_free(data_); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    sodium_free(data_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

}  // namespace waggle::crypto
