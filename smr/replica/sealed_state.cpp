// State transfer: all that a median server has executed, as bytes, and back.
#include "smr/app/memory_state_store.hpp"
#include "smr/certificate/sealed_proof.hpp"
#include "smr/median/record.hpp"
#include "smr/replica/executor.hpp"
#include "smr/replica/sealed_executor.hpp"
#include "smr/replica/state_transfer.hpp"

namespace waggle::smr {

using storage::Family;

namespace {

/// What travels, read but for the state machine's part.
struct SealedState {
  Executed position;
  median::FinalPrefix final;
  std::vector<std::pair<ClientId, Bytes>> lanes;  ///< Clients rise.
  ByteView machine;
};

/// Results, and how many commands executed, are held by nothing that was signed or compared: a
/// digest of the whole finds what an ailing disk or memory did to them.
Digest digest_of(ByteView bytes, const Hasher& hasher) {
  return hasher.hash({domain::kSealedState, bytes});
}

std::optional<SealedState> parse(ByteView bytes, std::uint32_t quorum, const Hasher& hasher) {
  if (bytes.size() < Digest::kSize) return std::nullopt;
  const ByteView content = bytes.first(bytes.size() - Digest::kSize);
  if (Reader(bytes.last(Digest::kSize)).fixed<Digest>() != digest_of(content, hasher)) {
    return std::nullopt;
  }
  Reader reader(content);
  const auto position = layout::decode_executed(reader.sized());
  auto final = layout::decode_final(reader.sized(), quorum, hasher);
  if (!reader.ok() || !position || !final) return std::nullopt;
  SealedState state{*position, std::move(*final), {}, {}};
  for (std::uint32_t i = reader.count(ClientId::kSize + sizeof(std::uint32_t)); i > 0; --i) {
    const auto lane = reader.fixed<ClientId>();
    const ByteView value = reader.sized();
    const auto row = layout::decode_lane(value);
    const bool rises = state.lanes.empty() || state.lanes.back().first < lane;
    if (!reader.ok() || !row || !rises || row->number != state.final.number(lane)) {
      return std::nullopt;
    }
    state.lanes.emplace_back(lane, Bytes(value.begin(), value.end()));
  }
  state.machine = reader.raw(reader.remaining());
  if (!reader.ok() || state.lanes.size() != state.final.chains.clients()) return std::nullopt;
  return state;
}

/// The seal is of this length and these roots, by a majority.
bool seal_holds(const median::FinalPrefix& final, const ChainConfig& chain,
                const Verifier& verifier, const Hasher& hasher) {
  const median::Seal& seal = *final.seal;
  if (seal.root() != final.root(hasher)) return false;
  for (const median::Commit& commit : seal.commits()) {
    if (!chain.has(commit.server)) return false;
    const Bytes message =
        certificate::commit_message(chain.chain_id, commit.window, commit.length, commit.root);
    if (!verifier.verify(chain.key(commit.server), message, commit.signature)) return false;
  }
  return true;
}

storage::Outcome<void> erase_all(const storage::Storage& storage, Family family,
                                 storage::Batch& batch) {
  return storage.scan(family, {}, {}, [&](ByteView key, ByteView) {
    batch.erase(family, Bytes(key.begin(), key.end()));
    return true;
  });
}

}  // namespace

storage::Outcome<SharedBytes> SealedExecutor::state(const median::FinalPtr& final) const {
  const std::uint64_t length = position_.height.value;
  const median::FinalPtr& here = final_ && final_->length == length ? final_ : final;
  if (length == 0 || here->length != length) return SharedBytes();
  Writer writer;
  writer.sized(layout::encode(position_));
  writer.sized(median::encode_final(*here));
  writer.u32(static_cast<std::uint32_t>(here->chains.clients()));
  bool fits = true;
  const auto lanes = storage_->scan(Family::kResults, {}, {}, [&](ByteView key, ByteView value) {
    if (!here->chains.knows(Reader(key).fixed<ClientId>())) return true;
    writer.raw(key).sized(value);
    fits = writer.size() <= kStateBytesMax;
    return fits;
  });
  if (!lanes) return Unexpected{lanes.error()};
  if (!fits) return SharedBytes();
  machine_->snapshot(*state_, [&](ByteView piece) {
    fits = fits && writer.size() + piece.size() <= kStateBytesMax;
    if (fits) writer.raw(piece);
  });
  if (state_->failure()) return Unexpected{*state_->failure()};
  if (!fits) return SharedBytes();
  writer.fixed(digest_of(writer.bytes(), *hasher_));
  return std::make_shared<const Bytes>(writer.take());
}

storage::Outcome<Result<median::FinalPtr, Refusal>> SealedExecutor::install(
    ByteView bytes, const ChainConfig& chain, const Verifier& verifier) {
  using Answer = Result<median::FinalPtr, Refusal>;
  auto state = parse(bytes, chain.n() / 2 + 1, *hasher_);
  if (!state || state->final.length != state->position.height.value) {
    return Answer(Unexpected{Refusal::kMalformed});
  }
  if (state->final.length <= position_.height.value) return Answer(median::FinalPtr());
  if (!seal_holds(state->final, chain, verifier, *hasher_)) {
    return Answer(Unexpected{Refusal::kBadCertificate});
  }
  app::MemoryStateStore store(*hasher_);
  ByteView rest = state->machine;
  const auto restored = machine_->restore(
      [&rest](std::span<std::uint8_t> buffer) {
        const std::size_t size = std::min(buffer.size(), rest.size());
        std::copy_n(rest.begin(), size, buffer.begin());
        rest = rest.subspan(size);
        return size;
      },
      store);
  if (!restored) return Answer(Unexpected{Refusal::kMalformed});
  const Digest combined = combined_digest(machine_->digest(store), state->final.chain, *hasher_);
  if (store.digest() != state->position.state || combined != state->position.digest) {
    return Answer(Unexpected{Refusal::kBadCertificate});
  }

  storage::Batch batch;
  for (const Family family : {Family::kState, Family::kResults}) {
    if (auto erased = erase_all(*storage_, family, batch); !erased) {
      return Unexpected{erased.error()};
    }
  }
  for (auto& [lane, row] : state->lanes) {
    batch.put(Family::kResults, Bytes(lane.bytes.begin(), lane.bytes.end()), std::move(row));
  }
  store.scan({}, std::nullopt, [&](ByteView key, ByteView value) {
    batch.put(Family::kState, Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
    return true;
  });
  const Digest& sequence = state->final.chain;
  batch.put(Family::kMeta, to_bytes(layout::kExecutedKey), layout::encode(state->position));
  batch.put(Family::kMeta, to_bytes(layout::kSequenceKey),
            Bytes(sequence.bytes.begin(), sequence.bytes.end()));
  batch.put(Family::kMeta, to_bytes(layout::kInstalledKey), median::encode_final(state->final));
  if (auto written = storage_->write(batch, false); !written) return Unexpected{written.error()};
  position_ = state->position;
  chain_ = sequence;
  state_.emplace(*storage_, *hasher_, position_.state);
  final_ = std::make_shared<const median::FinalPrefix>(std::move(state->final));
  return Answer(final_);
}

}  // namespace waggle::smr
