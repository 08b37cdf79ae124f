#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "consensus/core/bytes.hpp"

namespace waggle::crypto {

/// Overwrites with zeros in a way that the compiler may not leave out.
void wipe(std::span<std::uint8_t> bytes) noexcept;
/// Also the part of the buffer behind the end, then makes it empty.
void wipe(Bytes& bytes) noexcept;
void wipe(std::string& text) noexcept;

/// Compares in a time that depends on the lengths only. Different lengths are not equal.
bool constant_time_equal(ByteView a, ByteView b) noexcept;

/// Wipes a buffer when the scope ends, however it ends. The buffer must outlive it.
class WipeGuard {
 public:
  explicit WipeGuard(std::span<std::uint8_t> bytes) noexcept : bytes_(bytes) {}
  ~WipeGuard() { wipe(bytes_); }
  WipeGuard(const WipeGuard&) = delete;
  WipeGuard& operator=(const WipeGuard&) = delete;

 private:
  std::span<std::uint8_t> bytes_;
};

/// Secret bytes on pages of their own: between guard pages, kept out of swap and core dumps where
/// the system lets us, zeros at first and wiped at the end. Takes some 16 KiB, whatever the size:
/// for keys, not for messages. Movable; a moved-from object is empty.
/// Reading is thread-safe. The constructor throws std::bad_alloc.
class SecretBytes {
 public:
  explicit SecretBytes(std::size_t size);
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  std::size_t size() const noexcept { return size_; }
  ByteView view() const noexcept { return {data_, size_}; }
  std::span<std::uint8_t> writable() noexcept { return {data_, size_}; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace waggle::crypto
