#include "net/codec_support.hpp"

namespace waggle::net::wire_support {

Frame finish(wire::Header& header, std::vector<SharedBytes> segments) {
  header.set_version(kWireVersion);
  for (const SharedBytes& segment : segments) {
    ENSURE(segment != nullptr);
    header.add_segments(static_cast<std::uint32_t>(segment->size()));
  }
  Frame frame;
  frame.header.resize(header.ByteSizeLong());
  header.SerializeWithCachedSizesToArray(frame.header.data());
  frame.segments = std::move(segments);
  return frame;
}

Result<wire::Header, Refusal> parse(const Frame& frame) {
  // The frame passed the limits of its connection; here it only has to agree with itself.
  const FrameLimits any{
      .header_bytes_max = 1 << 30, .payload_bytes_max = 1 << 30, .segments_max = 1 << 20};
  const auto layout = layout_of(frame.header, frame.payload_size(), any);
  if (!layout) return Unexpected{layout.error()};
  const std::vector<std::uint32_t>& sizes = layout->sizes;
  if (sizes.size() != frame.segments.size()) return Unexpected{Refusal::kMalformed};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] != frame.segments[i]->size()) return Unexpected{Refusal::kMalformed};
  }
  wire::Header header;
  if (!header.ParseFromArray(frame.header.data(), static_cast<int>(frame.header.size()))) {
    return Unexpected{Refusal::kMalformed};
  }
  if (header.kind_case() == wire::Header::KIND_NOT_SET) {
    return Unexpected{layout->has_kind ? Refusal::kUnknownKind : Refusal::kMalformed};
  }
  return header;
}

}  // namespace waggle::net::wire_support
