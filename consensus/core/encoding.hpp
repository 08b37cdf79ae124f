#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

#include "consensus/core/bytes.hpp"
#include "consensus/core/ids.hpp"

/// Canonical encoding: everything that is signed, hashed, stored or proven.
/// Integers are fixed-width little-endian, variable parts carry a u32 length or count in front,
/// optional parts a u8 0 or 1. There is exactly one encoding of a value: a decoder refuses what
/// it would not itself have written (docs/encoding.md lists every layout).
namespace waggle {

/// Appends canonical encodings to a buffer.
class Writer {
 public:
  template <std::unsigned_integral T>
  Writer& integer(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<std::uint8_t>(value & 0xff));
      value = static_cast<T>(sizeof(T) > 1 ? value >> 8 : 0);
    }
    return *this;
  }
  Writer& u8(std::uint8_t value) { return integer(value); }
  Writer& u32(std::uint32_t value) { return integer(value); }
  Writer& u64(std::uint64_t value) { return integer(value); }
  Writer& view(View v) { return u64(v.value); }
  Writer& height(Height h) { return u64(h.value); }
  Writer& replica(ReplicaId id) { return u32(id.value); }

  template <class Tag, std::size_t N>
  Writer& fixed(const FixedBytes<Tag, N>& value) {
    return raw(value.view());
  }
  /// Bytes without a length in front.
  Writer& raw(ByteView bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  /// A u32 length, then the bytes.
  Writer& sized(ByteView bytes) {
    return u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
  }

  std::size_t size() const noexcept { return bytes_.size(); }
  const Bytes& bytes() const& noexcept { return bytes_; }
  /// Hands the buffer over and leaves the writer empty.
  Bytes take() { return std::exchange(bytes_, {}); }

 private:
  Bytes bytes_;
};

/// Reads canonical encodings. Failure is sticky: after it every read returns zero, and ok() and
/// done() are false, so a decoder checks once, at its end. Never reads outside its bytes.
class Reader {
 public:
  explicit Reader(ByteView bytes) noexcept : rest_(bytes) {}

  template <std::unsigned_integral T>
  T integer() noexcept {
    const ByteView part = raw(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < part.size(); ++i) value |= std::uint64_t{part[i]} << (8 * i);
    return static_cast<T>(value);
  }
  std::uint8_t u8() noexcept { return integer<std::uint8_t>(); }
  std::uint32_t u32() noexcept { return integer<std::uint32_t>(); }
  std::uint64_t u64() noexcept { return integer<std::uint64_t>(); }
  View view() noexcept { return View{u64()}; }
  Height height() noexcept { return Height{u64()}; }
  ReplicaId replica() noexcept { return ReplicaId{u32()}; }

  /// A u8 that must be 0 or 1.
  bool flag() noexcept {
    const std::uint8_t value = u8();
    if (value > 1) fail();
    return value == 1;
  }
  template <class Fixed>
  Fixed fixed() noexcept {
    Fixed value;
    const ByteView part = raw(Fixed::kSize);
    if (part.size() == Fixed::kSize) std::copy(part.begin(), part.end(), value.bytes.begin());
    return value;
  }
  /// The next `size` bytes, or none and failure when there are fewer.
  ByteView raw(std::size_t size) noexcept {
    if (failed_ || size > rest_.size()) return fail(), ByteView{};
    const ByteView part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }
  ByteView sized() noexcept { return raw(u32()); }

  /// A u32 count of items of at least `item_size` bytes each: fails at once when the rest of the
  /// input cannot hold them, so that a count never makes a decoder allocate more than it got.
  std::uint32_t count(std::size_t item_size) noexcept {
    const std::uint32_t value = u32();
    if (item_size != 0 && value > rest_.size() / item_size) return fail(), 0;
    return value;
  }

  void fail() noexcept {
    failed_ = true;
    rest_ = {};
  }
  bool ok() const noexcept { return !failed_; }
  /// Everything was read and nothing failed: no trailing bytes.
  bool done() const noexcept { return !failed_ && rest_.empty(); }
  std::size_t remaining() const noexcept { return rest_.size(); }

 private:
  ByteView rest_;
  bool failed_ = false;
};

}  // namespace waggle
