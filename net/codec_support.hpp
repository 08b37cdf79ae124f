#pragma once

#include <algorithm>
#include <string>

#include "consensus/core/encoding.hpp"
#include "consensus/core/ensure.hpp"
#include "net/codec.hpp"
#include "net/proto/waggle.pb.h"

/// What the codec's parts share. Failure while decoding is sticky, as in Reader: a decoder reads
/// all its fields and asks once, at its end.
namespace waggle::net::wire_support {

/// Ends an encoder: notes the segments in the header and serialises it.
Frame finish(::waggle::wire::Header& header, std::vector<SharedBytes> segments = {});

/// What can be told of a header without parsing all of it.
struct Layout {
  std::vector<std::uint32_t> sizes;  ///< Of the segments.
  bool has_kind = false;             ///< Some message is there, perhaps of a kind unknown to us.
};
Result<Layout, Refusal> layout_of(ByteView header, std::uint32_t payload_size,
                                  const FrameLimits& limits);

/// Begins a decoder: checks version and segments and parses the header. A kind that this build does
/// not know is kUnknownKind.
Result<::waggle::wire::Header, Refusal> parse(const Frame& frame);

template <class Fixed>
std::string bytes_of(const Fixed& value) {
  return std::string(as_text(value.view()));
}

/// Canonical encoding as the content of a bytes field.
template <class Encode>
std::string canonical(Encode&& encode_to) {
  Writer writer;
  encode_to(writer);
  return std::string(as_text(writer.bytes()));
}

/// Takes typed values out of fields; remembers whether any of them was not what it must be.
class Fields {
 public:
  template <class Fixed>
  Fixed fixed(const std::string& field) {
    Reader reader(as_bytes(field));
    const Fixed value = reader.fixed<Fixed>();
    ok_ = ok_ && reader.done();
    return value;
  }
  /// A value in its canonical encoding that fills the field.
  template <class Decode>
  auto canonical(const std::string& field, Decode&& decode_from) {
    Reader reader(as_bytes(field));
    auto value = decode_from(reader);
    ok_ = ok_ && reader.done();
    return value;
  }
  /// A short printable text: it may be shown on a terminal.
  std::string text(const std::string& field) {
    constexpr std::size_t kTextMax = 256;
    const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
    ok_ = ok_ && field.size() <= kTextMax && std::all_of(field.begin(), field.end(), printable);
    return field;
  }
  void require(bool condition) { ok_ = ok_ && condition; }
  bool ok() const { return ok_; }

 private:
  bool ok_ = true;
};

}  // namespace waggle::net::wire_support
