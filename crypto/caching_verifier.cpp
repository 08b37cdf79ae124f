#include "crypto/caching_verifier.hpp"

#include <algorithm>
#include <bit>

#include <sodium.h>

#include "crypto/random.hpp"
#include "crypto/secret.hpp"

namespace waggle::crypto {

CachingVerifier::CachingVerifier(const Verifier& inner, std::size_t entries_max)
    : inner_(inner), buckets_(std::bit_ceil(std::max(entries_max, kWays)) / kWays) {
  random_bytes(hash_key_);
}

CachingVerifier::~CachingVerifier() { wipe(hash_key_); }

bool CachingVerifier::verify(const PublicKey& key, ByteView message,
                             const Signature& signature) const noexcept {
  const Mark triple = mark(key, message, signature);
  if (find(triple)) {
    hits_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  misses_.fetch_add(1, std::memory_order_relaxed);
  if (!inner_.verify(key, message, signature)) return false;
  insert(triple);
  return true;
}

void CachingVerifier::remember(const PublicKey& key, ByteView message,
                               const Signature& signature) noexcept {
  const Mark triple = mark(key, message, signature);
  if (!find(triple)) insert(triple);
}

CachingVerifier::Mark CachingVerifier::mark(const PublicKey& key, ByteView message,
                                            const Signature& signature) const noexcept {
  Mark result;
  static_assert(sizeof(Mark) == crypto_generichash_BYTES_MIN);
  // Key and signature are of fixed size and come first, so the triple can be read in one way only.
  crypto_generichash_state state;
  crypto_generichash_init(&state, hash_key_.data(), hash_key_.size(), sizeof(Mark));
  crypto_generichash_update(&state, key.bytes.data(), key.bytes.size());
  crypto_generichash_update(&state, signature.bytes.data(), signature.bytes.size());
  crypto_generichash_update(&state, message.data(), message.size());
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(&result), sizeof(Mark));
  result.high |= 1;  // never the empty mark
  return result;
}

std::size_t CachingVerifier::bucket_of(const Mark& mark) const noexcept {
  return mark.low & (buckets_.size() - 1);
}

bool CachingVerifier::find(const Mark& mark) const noexcept {
  const std::size_t index = bucket_of(mark);
  const std::lock_guard guard(locks_[index % kLocks]);
  Bucket& bucket = buckets_[index];
  const auto at = std::find(bucket.begin(), bucket.end(), mark);
  if (at == bucket.end()) return false;
  std::rotate(bucket.begin(), at, at + 1);
  return true;
}

void CachingVerifier::insert(const Mark& mark) const noexcept {
  const std::size_t index = bucket_of(mark);
  const std::lock_guard guard(locks_[index % kLocks]);
  Bucket& bucket = buckets_[index];
  // Two threads may have verified the same triple at the same time: one entry is enough.
  const auto at = std::find(bucket.begin(), bucket.end() - 1, mark);
  std::rotate(bucket.begin(), at, at + 1);
  bucket.front() = mark;
}

Signature RememberingSigner::sign(ByteView message) const noexcept {
  const Signature signature = inner_.sign(message);
  verifier_.remember(public_key(), message, signature);
  return signature;
}

}  // namespace waggle::crypto
