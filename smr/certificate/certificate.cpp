#include "smr/certificate/certificate.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"

namespace waggle::certificate {
namespace {

void encode_links(Writer& writer, const std::vector<Digest>& links) {
  writer.u32(static_cast<std::uint32_t>(links.size()));
  for (const Digest& link : links) writer.fixed(link);
}

std::vector<Digest> decode_links(Reader& reader) {
  const std::size_t count = reader.count(Digest::kSize);
  if (count > kLinksMax) reader.fail();
  if (!reader.ok()) return {};
  std::vector<Digest> links(count);
  for (Digest& link : links) link = reader.fixed<Digest>();
  return links;
}

}  // namespace

Bytes encode(const Certificate& certificate) {
  Writer writer;
  writer.raw(domain::kCertificate).fixed(certificate.client).u64(certificate.number);
  writer.sized(certificate.command).u64(certificate.position);
  encode_links(writer, certificate.links);
  return writer.take();
}

Result<Certificate, Refusal> decode_certificate(ByteView bytes) {
  Reader reader(bytes);
  const ByteView tag = reader.raw(domain::kCertificate.size());
  if (!std::equal(tag.begin(), tag.end(), domain::kCertificate.begin(),
                  domain::kCertificate.end())) {
    return Unexpected{Refusal::kUnsupportedVersion};
  }
  Certificate certificate;
  certificate.client = reader.fixed<ClientId>();
  certificate.number = reader.u64();
  const ByteView command = reader.sized();
  certificate.command.assign(command.begin(), command.end());
  certificate.position = reader.u64();
  certificate.links = decode_links(reader);
  if (certificate.number == 0 || !reader.done()) return Unexpected{Refusal::kMalformed};
  return certificate;
}

void encode(Writer& writer, const Placed& placed) {
  writer.u64(placed.number).u64(placed.position);
}

Placed decode_placed(Reader& reader) {
  Placed placed;
  placed.number = reader.u64();
  placed.position = reader.u64();
  return placed;
}

void encode(Writer& writer, const Acknowledgement& acknowledgement) {
  encode(writer, acknowledgement.newest);
  writer.u8(acknowledgement.previous ? 1 : 0);
  if (!acknowledgement.previous) return;
  encode(writer, acknowledgement.previous->command);
  encode_links(writer, acknowledgement.previous->links);
}

/// Numbers start at 1, and both numbers and positions rise from one command to the next.
Acknowledgement decode_acknowledgement(Reader& reader) {
  Acknowledgement result;
  result.newest = decode_placed(reader);
  if (result.newest.number == 0) reader.fail();
  if (!reader.flag()) return result;
  HashChain previous;
  previous.command = decode_placed(reader);
  previous.links = decode_links(reader);
  const bool rises = previous.command.number < result.newest.number &&
                     previous.command.position < result.newest.position;
  if (previous.command.number == 0 || !rises) reader.fail();
  result.previous = std::move(previous);
  return result;
}

std::string_view describe(Doubt doubt) noexcept {
  switch (doubt) {
    case Doubt::kMalformed: return "these bytes are not a complete certificate and nothing else";
    case Doubt::kAhead: return "its position is not committed on this server yet";
    case Doubt::kSurplusLinks: return "its chain goes on above the root of the command's tree";
    case Doubt::kNotCommitted: return "this command is not what is committed at its position";
    case Doubt::kTooShort:
      return "its chain ends below the root and meets neither of the client's last two commands";
  }
  return "unknown";
}

}  // namespace waggle::certificate
