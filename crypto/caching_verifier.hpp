#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "consensus/core/interfaces.hpp"

namespace waggle::crypto {

/// Remembers which (key, message, signature) verified, so that a client's request or a vote that
/// comes back inside a block, a certificate or a retry costs a hash instead of a verification.
/// Failures are never remembered: they would let an adversary push out what is useful.
///
/// A triple is remembered as 16 bytes of BLAKE2b under a random key of this object, so nobody can
/// choose triples that collide or crowd one bucket; a false match has a chance of about
/// entries / 2^128. The memory is fixed: 16 bytes per entry, allocated at construction. Each
/// bucket of eight entries drops its least recently used one.
///
/// Thread-safe. `inner` must outlive this object and be thread-safe itself.
class CachingVerifier final : public Verifier {
 public:
  static constexpr std::size_t kEntriesDefault = std::size_t{1} << 16;  ///< 1 MiB.

  /// `entries_max` is rounded up to a power of two, at least 8. Throws std::bad_alloc.
  explicit CachingVerifier(const Verifier& inner, std::size_t entries_max = kEntriesDefault);
  ~CachingVerifier() override;
  CachingVerifier(const CachingVerifier&) = delete;
  CachingVerifier& operator=(const CachingVerifier&) = delete;

  bool verify(const PublicKey& key, ByteView message,
              const Signature& signature) const noexcept override;

  /// Takes a signature as verified. Only for signatures that this process has just made itself.
  void remember(const PublicKey& key, ByteView message, const Signature& signature) noexcept;

  std::size_t entries_max() const noexcept { return buckets_.size() * kWays; }
  /// Calls answered from memory, and calls passed on, since construction.
  std::uint64_t hits() const noexcept { return hits_.load(std::memory_order_relaxed); }
  std::uint64_t misses() const noexcept { return misses_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kLocks = 64;
  struct Mark {  ///< Keyed hash of a triple; all zero means empty.
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  using Bucket = std::array<Mark, kWays>;  ///< Most recently used first.

  Mark mark(const PublicKey& key, ByteView message, const Signature& signature) const noexcept;
  bool find(const Mark& mark) const noexcept;
  void insert(const Mark& mark) const noexcept;
  std::size_t bucket_of(const Mark& mark) const noexcept;

  const Verifier& inner_;
  std::array<std::uint8_t, 32> hash_key_;
  mutable std::vector<Bucket> buckets_;
  mutable std::array<std::mutex, kLocks> locks_;  ///< Bucket i is under lock i mod kLocks.
  mutable std::atomic<std::uint64_t> hits_{0};
  mutable std::atomic<std::uint64_t> misses_{0};
};

/// Signs, and lets a verifier remember what it signed: own votes come back in certificates.
///
/// Thread-safe. Both must outlive this object; `inner` must be thread-safe itself.
class RememberingSigner final : public Signer {
 public:
  RememberingSigner(const Signer& inner, CachingVerifier& verifier) noexcept
      : inner_(inner), verifier_(verifier) {}

  const PublicKey& public_key() const noexcept override { return inner_.public_key(); }
  Signature sign(ByteView message) const noexcept override;

 private:
  const Signer& inner_;
  CachingVerifier& verifier_;
};

}  // namespace waggle::crypto
