#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace waggle {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Bytes that are handed on by reference count and never change.
using SharedBytes = std::shared_ptr<const Bytes>;

/// A fixed number of bytes whose meaning the tag tells; ordered, comparable, zero by default.
template <class Tag, std::size_t N>
struct FixedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  friend constexpr auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
  constexpr ByteView view() const noexcept { return {bytes.data(), N}; }
  constexpr bool is_zero() const noexcept { return *this == FixedBytes{}; }
};

using Digest = FixedBytes<struct DigestTag, 32>;        ///< A hash (SHA-256).
using PublicKey = FixedBytes<struct PublicKeyTag, 32>;  ///< An Ed25519 public key.
using Signature = FixedBytes<struct SignatureTag, 64>;  ///< An Ed25519 signature.

/// The identity of a client: its public key.
using ClientId = PublicKey;

/// Views text as bytes, without a copy.
inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Views bytes as text, without a copy.
inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);

/// The inverse of to_hex; nothing on an odd length or a character that is not a hex digit.
std::optional<Bytes> from_hex(std::string_view hex);

/// The first eight hex digits: enough to tell blocks apart in a log line.
template <class Tag, std::size_t N>
std::string short_hex(const FixedBytes<Tag, N>& value) {
  return to_hex(value.view().first(4));
}

/// Reads a fixed-size value from hex of exactly the right length.
template <class Fixed>
std::optional<Fixed> fixed_from_hex(std::string_view hex) {
  const auto raw = from_hex(hex);
  if (!raw || raw->size() != Fixed::kSize) return std::nullopt;
  Fixed value;
  std::copy(raw->begin(), raw->end(), value.bytes.begin());
  return value;
}

}  // namespace waggle
