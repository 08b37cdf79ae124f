#include "sim/crypto/symbolic.hpp"

#include <algorithm>

namespace waggle::sim {
namespace {

std::uint64_t mix(std::uint64_t x) noexcept {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Four lanes take the 8-byte words in turns; at the end the length enters, and every lane every
/// other one.
class Lanes {
 public:
  void add(ByteView bytes) noexcept {
    length_ += bytes.size();
    std::size_t at = 0;
    for (; filled_ != 0 && at < bytes.size(); ++at) add_byte(bytes[at]);
    for (; at + 8 <= bytes.size(); at += 8) take(word_at(bytes.data() + at));
    for (; at < bytes.size(); ++at) add_byte(bytes[at]);
  }
  Digest finish() noexcept {
    take(word_);
    take(length_);
    for (int round = 0; round < 2; ++round) {
      for (std::size_t i = 0; i < 4; ++i) lanes_[i] = mix(lanes_[i] + lanes_[(i + 1) % 4]);
    }
    Digest digest;
    for (std::size_t i = 0; i < Digest::kSize; ++i) {
      digest.bytes[i] = static_cast<std::uint8_t>(lanes_[i / 8] >> (8 * (i % 8)));
    }
    return digest;
  }

 private:
  static std::uint64_t word_at(const std::uint8_t* bytes) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
    return word;
  }
  void add_byte(std::uint8_t byte) noexcept {
    word_ |= std::uint64_t{byte} << (8 * filled_);
    if (++filled_ < 8) return;
    take(word_);
    word_ = 0;
    filled_ = 0;
  }
  void take(std::uint64_t word) noexcept {
    std::uint64_t& lane = lanes_[next_];
    lane = mix((lane ^ word) * kOdd[next_] + next_);
    next_ = (next_ + 1) % 4;
  }

  static constexpr std::uint64_t kOdd[4] = {0x9e3779b97f4a7c15ULL, 0xc2b2ae3d27d4eb4fULL,
                                            0x165667b19e3779f9ULL, 0xd6e8feb86659fd93ULL};
  std::uint64_t lanes_[4] = {1, 2, 3, 4};
  std::uint64_t word_ = 0;
  std::uint64_t length_ = 0;
  std::size_t next_ = 0;
  unsigned filled_ = 0;
};

}  // namespace

Digest SymbolicHasher::hash(std::initializer_list<ByteView> parts) const noexcept {
  Lanes lanes;
  for (const ByteView part : parts) lanes.add(part);
  return lanes.finish();
}

PublicKey KeyRing::make_key(std::uint64_t number) {
  std::array<std::uint8_t, 8> seed;
  for (std::size_t i = 0; i < seed.size(); ++i) {
    seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  const Digest secret = hasher_.hash({as_bytes("secret"), seed});
  PublicKey key;
  key.bytes = hasher_.hash({as_bytes("public"), secret.view()}).bytes;
  secrets_.emplace(key, secret);
  return key;
}

Signature KeyRing::sign(const PublicKey& key, ByteView message) const {
  const Digest& secret = secrets_.at(key);
  const Digest half = hasher_.hash({as_bytes("sign"), secret.view(), message});
  Signature signature;
  std::copy(half.bytes.begin(), half.bytes.end(), signature.bytes.begin());
  std::copy(half.bytes.begin(), half.bytes.end(), signature.bytes.begin() + Digest::kSize);
  return signature;
}

bool KeyRing::verify(const PublicKey& key, ByteView message,
                     const Signature& signature) const noexcept {
  {
    if (!secrets_.contains(key)) return false;
  }
  return sign(key, message) == signature;
}

}  // namespace waggle::sim
