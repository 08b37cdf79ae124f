#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "consensus/core/interfaces.hpp"

namespace waggle::crypto {

/// Fills the buffer from the system's entropy. Thread-safe; a system call.
void random_bytes(std::span<std::uint8_t> out) noexcept;
Bytes random_bytes(std::size_t size);

/// The production source of chance: a ChaCha20 stream seeded from the system's entropy. Each
/// refill replaces the key, and numbers are wiped as they are handed out, so that whoever reads
/// the memory later learns nothing about the past. Not thread-safe: one per owner.
class SystemRng final : public Rng {
 public:
  SystemRng() noexcept;
  ~SystemRng() override;
  SystemRng(const SystemRng&) = delete;
  SystemRng& operator=(const SystemRng&) = delete;

  std::uint64_t next() noexcept override;

 private:
  void refill() noexcept;

  std::array<std::uint8_t, 32> key_;
  std::array<std::uint8_t, 512> buffer_;
  std::size_t used_ = 0;
};

}  // namespace waggle::crypto
