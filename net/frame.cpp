#include "net/frame.hpp"

namespace waggle::net {

std::uint32_t Frame::payload_size() const noexcept {
  std::size_t size = 0;
  for (const SharedBytes& segment : segments) size += segment->size();
  return static_cast<std::uint32_t>(size);
}

std::size_t Frame::wire_size() const noexcept { return 8 + header.size() + payload_size(); }

std::array<std::uint8_t, 8> Frame::prefix() const noexcept {
  std::array<std::uint8_t, 8> bytes{};
  const auto put = [&bytes](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  put(0, static_cast<std::uint32_t>(header.size()));
  put(4, payload_size());
  return bytes;
}

}  // namespace waggle::net
