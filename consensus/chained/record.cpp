#include "consensus/chained/record.hpp"

namespace waggle::chained {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

Bytes encode_record(const SafetyRecord& record) {
  Writer writer;
  writer.u8(kVersion);
  writer.view(record.last_voted_view).fixed(record.last_voted_block);
  writer.view(record.last_timeout_view).view(record.last_proposed_view);
  encode(writer, record.tip);
  encode(writer, *record.high_qc);
  writer.view(record.view);
  encode(writer, record.entry);
  writer.u8(static_cast<std::uint8_t>(record.rejoin)).fixed(record.rejoin_nonce);
  writer.view(record.rejoin_bound).fixed(record.head);
  return writer.take();
}

std::optional<SafetyRecord> decode_record(ByteView bytes) {
  Reader reader(bytes);
  if (reader.u8() != kVersion) return std::nullopt;
  SafetyRecord record;
  record.last_voted_view = reader.view();
  record.last_voted_block = reader.fixed<Digest>();
  record.last_timeout_view = reader.view();
  record.last_proposed_view = reader.view();
  record.tip = decode_tip(reader);
  record.high_qc = std::make_shared<const QuorumCert>(decode_qc(reader));
  record.view = reader.view();
  record.entry = decode_view_proof(reader);
  record.rejoin = reader.flag() ? RejoinPhase::kRejoining : RejoinPhase::kNone;
  record.rejoin_nonce = reader.fixed<Digest>();
  record.rejoin_bound = reader.view();
  record.head = reader.fixed<Digest>();
  if (!reader.done()) return std::nullopt;
  return record;
}

}  // namespace waggle::chained
