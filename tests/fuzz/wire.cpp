#include <algorithm>

#include "net/codec.hpp"
#include "net/frame_reader.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/unit/net/codec_samples.hpp"

namespace waggle::fuzz {
namespace {

/// The complete frames of a stream, until it cannot be read any further.
std::vector<net::Frame> read_frames(ByteView stream, const net::FrameLimits& limits) {
  net::FrameReader reader(limits);
  std::vector<net::Frame> frames;
  while (!stream.empty()) {
    const auto want = reader.want();
    ENSURE(!want.empty());
    const std::size_t size = std::min(stream.size(), want.size());
    std::copy_n(stream.begin(), size, want.begin());
    stream = stream.subspan(size);
    const auto complete = reader.advance(size);
    if (!complete) break;
    if (*complete) frames.push_back(reader.take());
  }
  return frames;
}

}  // namespace

void frames(ByteView input) {
  const net::FrameLimits cut{
      .header_bytes_max = 4096, .payload_bytes_max = 256, .payload_head_bytes = 44};
  for (const net::Frame& frame : read_frames(input, cut)) {
    ENSURE((frame.skipped > 0) == (frame.payload_size() + frame.skipped > cut.payload_bytes_max));
    if (const auto request = net::decode_cut(frame)) ENSURE(request->size > request->head->size());
  }
  for (const net::Frame& frame : read_frames(input, {})) {
    const auto is_read = [&frame](Result<net::Frame, Refusal> (*recode)(net::Frame)) {
      const auto read = recode(frame);
      if (!read) return false;
      const auto again = recode(*read);
      ENSURE(again && net::wire_bytes(*again) == net::wire_bytes(*read), "read as the same");
      return true;
    };
    const bool peer = is_read(net::recode_peer);
    const bool median = is_read(net::recode_median);
    const int ports = (peer || median) + is_read(net::recode_client) + is_read(net::recode_replica);
    ENSURE(ports <= 1, "a message is for one port");
  }
}

void validate(ByteView input) {
  const SampleChain& chain = sample_chain();
  for (const net::Frame& frame : read_frames(input, {})) {
    const auto decoded = net::decode_peer(frame, chain.config, chain.hasher);
    if (!decoded) continue;
    const auto* message = std::get_if<chained::Message>(&*decoded);
    if (message == nullptr) continue;
    for (std::uint32_t from = 0; from <= SampleChain::kReplicas; ++from) {
      const auto valid = chained::validate(*message, ReplicaId{from}, chain.genesis->id,
                                           chain.config, chain.verifier, chain.hasher);
      if (!valid) continue;
      ENSURE(valid->from() == ReplicaId{from} && from < SampleChain::kReplicas);
      const auto* vote = std::get_if<chained::Vote>(message);
      ENSURE(vote == nullptr || vote->voter == ReplicaId{from}, "nobody votes for another");
    }
  }
}

}  // namespace waggle::fuzz
