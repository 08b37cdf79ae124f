#pragma once

#include <cstdint>

#include "consensus/core/bytes.hpp"

namespace waggle::storage {

/// A number as a key whose byte order is the number's order. Keys are the only big-endian
/// numbers of the project; values use the canonical little-endian encoding.
inline Bytes big_endian_key(std::uint64_t number) {
  Bytes key(8);
  for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return key;
}

/// A prefix (a client's id, say) followed by a number in order.
inline Bytes big_endian_key(ByteView prefix, std::uint64_t number) {
  Bytes key(prefix.begin(), prefix.end());
  const Bytes suffix = big_endian_key(number);
  key.insert(key.end(), suffix.begin(), suffix.end());
  return key;
}

/// The inverse: reads the last eight bytes of a key; nothing when there are fewer.
inline std::optional<std::uint64_t> number_of_key(ByteView key) noexcept {
  if (key.size() < 8) return std::nullopt;
  std::uint64_t number = 0;
  for (const std::uint8_t byte : key.last(8)) number = number << 8 | byte;
  return number;
}

/// The smallest key above every key that starts with `prefix`: the end of a prefix scan. Empty,
/// which means no upper end, when there is none.
inline Bytes prefix_end(ByteView prefix) {
  Bytes end(prefix.begin(), prefix.end());
  while (!end.empty() && end.back() == 0xff) end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

}  // namespace waggle::storage
