#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "net/codec_support.hpp"

namespace waggle::net {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Numbers of fields of wire::Header that are frozen for all versions.
constexpr int kVersionField = 1;
constexpr int kSegmentsField = 2;
constexpr int kFirstKind = 10;

struct Scan {
  std::uint32_t version = 0;
  std::uint32_t sizes_max = 0;
  wire_support::Layout layout;
};

Result<void, Refusal> add_size(CodedInputStream& input, Scan& scan) {
  std::uint32_t size = 0;
  if (!input.ReadVarint32(&size)) return Unexpected{Refusal::kMalformed};
  if (scan.layout.sizes.size() == scan.sizes_max) return Unexpected{Refusal::kTooLarge};
  scan.layout.sizes.push_back(size);
  return {};
}

Result<void, Refusal> add_packed_sizes(CodedInputStream& input, Scan& scan) {
  std::uint32_t length = 0;
  if (!input.ReadVarint32(&length)) return Unexpected{Refusal::kMalformed};
  if (length > static_cast<std::uint32_t>(input.BytesUntilLimit())) {
    return Unexpected{Refusal::kMalformed};
  }
  const auto limit = input.PushLimit(static_cast<int>(length));
  while (input.BytesUntilLimit() > 0) {
    if (auto added = add_size(input, scan); !added) return added;
  }
  input.PopLimit(limit);
  return {};
}

Result<void, Refusal> read_field(CodedInputStream& input, std::uint32_t tag, Scan& scan) {
  const int field = WireFormatLite::GetTagFieldNumber(tag);
  const auto type = WireFormatLite::GetTagWireType(tag);
  if (field == kVersionField && type == WireFormatLite::WIRETYPE_VARINT) {
    if (!input.ReadVarint32(&scan.version)) return Unexpected{Refusal::kMalformed};
    if (scan.version != kWireVersion) return Unexpected{Refusal::kUnsupportedVersion};
    return {};
  }
  if (field == kSegmentsField && type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
    return add_packed_sizes(input, scan);
  }
  if (field == kSegmentsField && type == WireFormatLite::WIRETYPE_VARINT) {
    return add_size(input, scan);
  }
  if (field >= kFirstKind) scan.layout.has_kind = true;
  if (!WireFormatLite::SkipField(&input, tag)) return Unexpected{Refusal::kMalformed};
  return {};
}

}  // namespace

Result<wire_support::Layout, Refusal> wire_support::layout_of(ByteView header,
                                                              std::uint32_t payload_size,
                                                              const FrameLimits& limits) {
  if (header.size() > limits.header_bytes_max) return Unexpected{Refusal::kTooLarge};
  CodedInputStream input(header.data(), static_cast<int>(header.size()));
  const auto whole = input.PushLimit(static_cast<int>(header.size()));
  Scan scan;
  scan.sizes_max = limits.segments_max;
  while (input.BytesUntilLimit() > 0) {
    const std::uint32_t tag = input.ReadTag();
    if (tag == 0) return Unexpected{Refusal::kMalformed};
    if (auto read = read_field(input, tag, scan); !read) return Unexpected{read.error()};
  }
  input.PopLimit(whole);
  if (scan.version == 0) return Unexpected{Refusal::kUnsupportedVersion};
  std::uint64_t sum = 0;
  for (const std::uint32_t size : scan.layout.sizes) sum += size;
  if (sum != payload_size) return Unexpected{Refusal::kMalformed};
  return std::move(scan.layout);
}

Result<std::vector<std::uint32_t>, Refusal> segment_sizes(ByteView header,
                                                          std::uint32_t payload_size,
                                                          const FrameLimits& limits) {
  auto layout = wire_support::layout_of(header, payload_size, limits);
  if (!layout) return Unexpected{layout.error()};
  return std::move(layout->sizes);
}

bool closes_connection(Refusal reason) noexcept {
  switch (reason) {
    case Refusal::kMalformed:
    case Refusal::kTooLarge:
    case Refusal::kUnsupportedVersion: return true;
    default: return false;
  }
}

}  // namespace waggle::net
