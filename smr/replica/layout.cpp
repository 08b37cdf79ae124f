#include "smr/replica/layout.hpp"

#include "storage/keys.hpp"

namespace waggle::smr::layout {

using storage::Family;

Bytes encode(const Executed& executed) {
  return Writer()
      .height(executed.height)
      .fixed(executed.block)
      .view(executed.view)
      .u64(executed.commands)
      .u64(executed.ordered)
      .fixed(executed.state)
      .fixed(executed.digest)
      .take();
}

std::optional<Executed> decode_executed(ByteView bytes) {
  Reader reader(bytes);
  Executed executed;
  executed.height = reader.height();
  executed.block = reader.fixed<Digest>();
  executed.view = reader.view();
  executed.commands = reader.u64();
  executed.ordered = reader.u64();
  executed.state = reader.fixed<Digest>();
  executed.digest = reader.fixed<Digest>();
  if (!reader.done()) return std::nullopt;
  return executed;
}

Bytes encode_committed(const Digest& block, View view, std::uint64_t ordered) {
  return Writer().fixed(block).view(view).u64(ordered).take();
}

std::optional<CommittedRow> decode_committed(Height height, ByteView bytes) {
  Reader reader(bytes);
  CommittedRow row;
  row.ref.id = reader.fixed<Digest>();
  row.ref.view = reader.view();
  row.ref.height = height;
  row.ordered = reader.u64();
  if (!reader.done()) return std::nullopt;
  return row;
}

Bytes results_key(const ClientId& client, std::uint64_t last, std::uint32_t count) {
  Bytes key = storage::big_endian_key(client.view(), last);
  for (int shift = 24; shift >= 0; shift -= 8) {
    key.push_back(static_cast<std::uint8_t>(count >> shift));
  }
  return key;
}

Bytes encode(const StoredResults& results) {
  Writer writer;
  writer.view(results.view).height(results.height).fixed(results.block);
  for (const Bytes& result : results.results) writer.sized(result);
  return writer.take();
}

std::optional<ResultsRow> decode_results(ByteView key, ByteView value) {
  constexpr std::size_t kKeySize = ClientId::kSize + sizeof(std::uint64_t) + sizeof(std::uint32_t);
  if (key.size() != kKeySize) return std::nullopt;
  const std::uint64_t tail = *storage::number_of_key(key);  // of the last number, and the count
  const std::uint64_t last = *storage::number_of_key(key.first(kKeySize - sizeof(std::uint32_t)));
  const auto count = static_cast<std::uint32_t>(tail);
  Reader reader(value);
  ResultsRow row;
  row.stored.view = reader.view();
  row.stored.height = reader.height();
  row.stored.block = reader.fixed<Digest>();
  while (reader.ok() && reader.remaining() > 0) {
    const ByteView result = reader.sized();
    row.stored.results.emplace_back(result.begin(), result.end());
  }
  if (!reader.done() || count == 0 || row.stored.results.size() != count || count > last) {
    return std::nullopt;
  }
  row.first = last - count + 1;
  return row;
}

void put_block(storage::Batch& batch, const chained::ChainedBlock& chained) {
  Writer block;
  encode_without_payload(block, *chained.block);
  Writer value;
  value.sized(block.bytes());
  chained.before.encode(value);
  const Digest& id = chained.block->id;
  batch.put(Family::kBlocks, Bytes(id.bytes.begin(), id.bytes.end()), value.take(),
            chained.block->payload->bytes());
}

std::optional<chained::ChainedBlock> decode_block(ByteView value, const ChainConfig& config,
                                                  const Hasher& hasher) {
  Reader reader(value);
  const ByteView without_payload = reader.sized();
  chained::ChainedBlock chained;
  chained.before = Forest::decode(reader);
  const ByteView payload = reader.raw(reader.remaining());
  if (!reader.done()) return std::nullopt;
  auto block = waggle::decode_block(without_payload,
                                    std::make_shared<const Bytes>(payload.begin(), payload.end()),
                                    config, hasher);
  if (!block) return std::nullopt;
  chained.block = std::move(*block);
  return chained;
}

storage::Batch to_batch(const chained::Record& record) {
  storage::Batch batch;
  for (const chained::ChainedBlock& chained : record.blocks) put_block(batch, chained);
  for (const Digest& id : record.dropped) {
    batch.erase(Family::kBlocks, Bytes(id.bytes.begin(), id.bytes.end()));
  }
  batch.put(Family::kSafety, to_bytes(kRecordKey), encode_record(record.safety));
  return batch;
}

Bytes encode(const Equivocation& evidence) {
  Writer writer;
  waggle::encode(writer, evidence.first);
  writer.fixed(evidence.first_signature);
  waggle::encode(writer, evidence.second);
  writer.fixed(evidence.second_signature);
  return writer.take();
}

}  // namespace waggle::smr::layout
