#include "smr/certificate/commit_proof.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"

namespace waggle::certificate {
namespace {

constexpr std::size_t kSignerSize = sizeof(std::uint32_t) + Signature::kSize;
constexpr std::size_t kTipSize = 2 * sizeof(std::uint64_t) + Digest::kSize;
constexpr std::size_t kHeaderSizeMin = 189;

template <class Items>
void encode_count(Writer& writer, const Items& items) {
  writer.u32(static_cast<std::uint32_t>(items.size()));
}

void encode_headers(Writer& writer, const std::vector<BlockHeader>& headers) {
  encode_count(writer, headers);
  for (const BlockHeader& header : headers) encode(writer, header);
}

/// Keeps count over all lists of headers of a proof.
std::vector<BlockHeader> decode_headers(Reader& reader, std::size_t& room) {
  const std::size_t count = reader.count(kHeaderSizeMin);
  if (count == 0 || count > room) reader.fail();
  if (!reader.ok()) return {};
  room -= count;
  std::vector<BlockHeader> headers(count);
  for (BlockHeader& header : headers) header = decode_header(reader);
  return headers;
}

TipList decode_tip_list(Reader& reader) {
  TipList list;
  list.tips.resize(reader.count(kTipSize));
  for (Tip& tip : list.tips) tip = decode_tip(reader);
  list.signatures = reader.fixed<Digest>();
  return list;
}

}  // namespace

Bytes encode(const CommitProof& proof) {
  Writer writer = domain::begin(domain::kProof, proof.chain_id);
  writer.fixed(proof.client).u64(proof.number).sized(proof.command);
  writer.u8(static_cast<std::uint8_t>(proof.inclusion));
  encode(writer, proof.path);
  encode_count(writer, proof.signatures);
  for (const auto& [signer, signature] : proof.signatures) {
    writer.replica(signer).fixed(signature);
  }
  encode_headers(writer, proof.headers);
  encode_count(writer, proof.tip_lists);
  for (const TipList& list : proof.tip_lists) {
    encode_count(writer, list.tips);
    for (const Tip& tip : list.tips) encode(writer, tip);
    writer.fixed(list.signatures);
  }
  encode_count(writer, proof.branches);
  for (const auto& branch : proof.branches) encode_headers(writer, branch);
  return writer.take();
}

Result<CommitProof, Refusal> decode_commit_proof(ByteView bytes) {
  Reader reader(bytes);
  const ByteView tag = reader.raw(domain::kProof.size());
  if (!std::equal(tag.begin(), tag.end(), domain::kProof.begin(), domain::kProof.end())) {
    return Unexpected{Refusal::kUnsupportedVersion};
  }
  CommitProof proof;
  proof.chain_id = reader.fixed<Digest>();
  proof.client = reader.fixed<ClientId>();
  proof.number = reader.u64();
  const ByteView command = reader.sized();
  proof.command.assign(command.begin(), command.end());
  proof.inclusion = reader.flag() ? Inclusion::kHistory : Inclusion::kPayload;
  proof.path = decode_forest_path(reader);
  proof.signatures.resize(reader.count(kSignerSize));
  for (auto& [signer, signature] : proof.signatures) {
    signer = reader.replica();
    signature = reader.fixed<Signature>();
  }
  std::size_t room = kProofHeadersMax;
  proof.headers = decode_headers(reader, room);
  proof.tip_lists.resize(reader.count(sizeof(std::uint32_t) + Digest::kSize));
  for (TipList& list : proof.tip_lists) list = decode_tip_list(reader);
  proof.branches.resize(reader.count(sizeof(std::uint32_t) + kHeaderSizeMin));
  for (auto& branch : proof.branches) branch = decode_headers(reader, room);
  if (!reader.done()) return Unexpected{Refusal::kMalformed};
  return proof;
}

}  // namespace waggle::certificate
