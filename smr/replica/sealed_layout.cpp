#include "smr/replica/sealed_layout.hpp"

#include "smr/median/messages.hpp"

namespace waggle::smr::layout {

Bytes encode(const LaneRow& row) {
  Writer writer;
  writer.u64(row.number).u64(row.position).view(row.window).fixed(row.root);
  writer.u8(row.result ? 1 : 0);
  if (row.result) writer.raw(*row.result);
  return writer.take();
}

std::optional<LaneRow> decode_lane(ByteView bytes) {
  Reader reader(bytes);
  LaneRow row;
  row.number = reader.u64();
  row.position = reader.u64();
  row.window = reader.view();
  row.root = reader.fixed<Digest>();
  if (reader.flag()) {
    const ByteView result = reader.raw(reader.remaining());
    row.result.emplace(result.begin(), result.end());
  }
  if (!reader.done()) return std::nullopt;
  return row;
}

std::optional<median::FinalPrefix> decode_final(ByteView bytes, std::uint32_t quorum,
                                                const Hasher& hasher) {
  Reader reader(bytes);
  median::FinalPrefix final;
  final.chain = reader.fixed<Digest>();
  final.chains = certificate::ServerChains::decode(reader, hasher);
  final.length = final.chains.count();
  std::vector<median::Commit> commits;
  for (std::uint32_t i = reader.count(sizeof(std::uint32_t)); i > 0 && reader.ok(); --i) {
    commits.push_back(median::decode_commit(reader));
  }
  if (!reader.done() || final.length == 0 || commits.empty()) return std::nullopt;
  const auto seal = median::Seal::make(commits, quorum);
  if (!seal || (*seal)->length() != final.length || (*seal)->commits() != commits) {
    return std::nullopt;
  }
  final.seal = *seal;
  return final;
}

Bytes acknowledgement_of(const median::FinalPrefix& final, const median::Named& command) {
  const auto found = final.chains.acknowledgement(command.client);
  if (!found || found->newest.number != command.number) return {};
  Writer writer;
  certificate::encode(writer, *found);
  return writer.take();
}

storage::StorageError corrupt(std::string what) {
  return {
      storage::StorageError::Kind::kCorrupt,
      std::move(what) + "; restore the data directory's disk, or empty it and start with --rejoin"};
}

}  // namespace waggle::smr::layout
