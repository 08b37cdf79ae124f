#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/core/sample_chain.hpp"

namespace waggle {

/// Draws random values. Deterministic: rapidcheck chooses and prints the seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}

  /// Uniform in 0 .. max.
  std::uint64_t up_to(std::uint64_t max);
  /// Often an edge of the range: 0, 1, the largest.
  std::uint64_t u64();
  std::uint32_t u32() { return static_cast<std::uint32_t>(u64()); }
  bool flag() { return up_to(1) == 1; }
  Bytes bytes(std::size_t size_max);
  template <class Fixed>
  Fixed fixed() {
    Fixed value;
    for (std::uint8_t& byte : value.bytes) byte = static_cast<std::uint8_t>(engine_());
    return value;
  }

  Tip tip();
  QcRef qc_ref();
  QuorumCert qc();
  TimeoutCert tc();
  Timeout timeout();
  BlockHeader header();
  Forest forest();
  Bytes request();
  SharedBytes payload();
  /// Consistent in itself, with arbitrary signatures: what decode_block accepts.
  Block block();

 private:
  std::mt19937_64 engine_;
};

template <class T>
Bytes encoding_of(const T& value) {
  Writer writer;
  encode(writer, value);
  return writer.take();
}

/// A decoder of consensus/core with its encoder, seen as bytes only.
struct Codec {
  std::string name;
  /// The encoding of a random value.
  Bytes (*sample)(Draw& draw);
  /// Decodes all of the bytes and encodes the result; nothing when they are refused.
  std::optional<Bytes> (*recode)(ByteView bytes);
  /// Whether a part from the start may be a value itself (a list of requests).
  bool is_list = false;
};

const std::vector<Codec>& codecs();

}  // namespace waggle
