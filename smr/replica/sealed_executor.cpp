#include "smr/replica/sealed_executor.hpp"

#include "smr/median/messages.hpp"
#include "smr/replica/executor.hpp"

namespace waggle::smr {

using storage::Family;

namespace {

Bytes key_of(const ClientId& lane) { return {lane.bytes.begin(), lane.bytes.end()}; }

}  // namespace

SealedExecutor::SealedExecutor(storage::Storage& storage, const app::StateMachine& machine,
                               const Hasher& hasher, const Executed& position, const Digest& chain)
    : storage_(&storage), machine_(&machine), hasher_(&hasher), position_(position), chain_(chain) {
  state_.emplace(storage, hasher, position.state);
}

storage::Outcome<ExecutedEnd> read_executed(const storage::Storage& storage, const Hasher& hasher) {
  const auto executed = storage.get(Family::kMeta, as_bytes(layout::kExecutedKey));
  if (!executed) return Unexpected{executed.error()};
  ExecutedEnd end;
  end.position.digest = combined_digest(end.position.state, end.sequence, hasher);
  if (!*executed) return end;
  const auto position = layout::decode_executed(**executed);
  if (!position) return Unexpected{layout::corrupt("the executed position does not decode")};
  const auto sequence = storage.get(Family::kMeta, as_bytes(layout::kSequenceKey));
  if (!sequence) return Unexpected{sequence.error()};
  if (!*sequence || (*sequence)->size() != Digest::kSize) {
    return Unexpected{layout::corrupt("the digest of the executed sequence does not decode")};
  }
  return ExecutedEnd{*position, Reader(**sequence).fixed<Digest>()};
}

storage::Outcome<SealedExecutor> SealedExecutor::open(storage::Storage& storage,
                                                      const app::StateMachine& machine,
                                                      const Hasher& hasher) {
  const auto end = read_executed(storage, hasher);
  if (!end) return Unexpected{end.error()};
  return SealedExecutor(storage, machine, hasher, end->position, end->sequence);
}

storage::Outcome<SealedResult> SealedExecutor::execute(const median::SealedRun& run) {
  SealedResult done;
  LaneRows lanes;
  const median::Seal& seal = *run.final->seal;
  position_.block = seal.root();
  position_.view = View{seal.window()};
  for (const median::Sealed& entry : run.entries) {
    ENSURE(entry.position == position_.height.value, "entries execute in order, each once");
    if (entry.applies) {
      apply(entry, *run.final, lanes, done);
    } else if (!entry.entry.digest) {
      const auto next = is_next(entry.entry, lanes, *run.final);
      if (!next) return Unexpected{next.error()};
      if (*next) {
        const median::Named& taken = entry.entry;
        lanes[taken.client] = {taken.number, entry.position, position_.view, position_.block, {}};
        done.taken.push_back({taken.client, taken.number});
      }
    }
    chain_ = median::extend_chain(chain_, entry.entry, *hasher_);
    position_.height = position_.height.next();
    if (position_.height.value % kCheckpointStep == 0) {
      done.checkpoints.emplace_back(position_.height, digest());
    }
  }
  const bool whole = position_.height.value == run.final->length;
  ENSURE(!whole || chain_ == run.final->chain, "a run ends where its final prefix does");
  position_.ordered = position_.height.value;

  storage::Batch batch;
  for (const auto& [lane, row] : lanes) {
    batch.put(Family::kResults, key_of(lane), encode(row));
  }
  if (auto swept = forget_lanes(run, batch); !swept) return Unexpected{swept.error()};
  state_->take_changes(batch);
  if (state_->failure()) return Unexpected{*state_->failure()};
  position_.state = state_->digest();
  position_.digest = digest();
  batch.put(Family::kMeta, to_bytes(layout::kExecutedKey), layout::encode(position_));
  batch.put(Family::kMeta, to_bytes(layout::kSequenceKey),
            Bytes(chain_.bytes.begin(), chain_.bytes.end()));
  if (auto written = storage_->write(batch, false); !written) return Unexpected{written.error()};
  final_ = whole ? run.final : nullptr;
  done.position = position_;
  return done;
}

/// Now and then, the results of clients that the final prefix does not know any more.
storage::Outcome<void> SealedExecutor::forget_lanes(const median::SealedRun& run,
                                                    storage::Batch& batch) const {
  const std::uint64_t before = run.entries.front().position / kSweepStep;
  if (before == position_.height.value / kSweepStep) return {};
  return storage_->scan(Family::kResults, {}, {}, [&](ByteView key, ByteView) {
    if (!run.final->chains.knows(Reader(key).fixed<ClientId>())) {
      batch.erase(Family::kResults, Bytes(key.begin(), key.end()));
    }
    return true;
  });
}

/// One command. What the state machine sees of it is the same on all servers: which seal of a
/// later end covered it first is not.
void SealedExecutor::apply(const median::Sealed& entry, const median::FinalPrefix& final,
                           LaneRows& lanes, SealedResult& done) {
  const RequestRef request = peek_request(*entry.request);
  const CommandRef command = commands_of(*entry.request).front();
  const Height height{entry.position + 1};
  Bytes result =
      apply_bounded(*machine_, {request.client, command.number, height, View{}, kSealedResultBytes},
                    command.bytes, *state_);
  lanes[entry.entry.client] = {entry.entry.number, entry.position, position_.view, position_.block,
                               result};
  Committed answer{request.client, position_.view, height, position_.block, {}, {}};
  answer.acknowledgement = layout::acknowledgement_of(final, entry.entry);
  answer.results.push_back({command.number, std::move(result)});
  done.answers.emplace_back(entry.entry.client, std::move(answer));
  ++position_.commands;
}

/// Whether the null entry takes its client's next number.
storage::Outcome<bool> SealedExecutor::is_next(const median::Named& entry, const LaneRows& lanes,
                                               const median::FinalPrefix& final) const {
  if (const auto found = lanes.find(entry.client); found != lanes.end()) {
    return entry.number == found->second.number + 1;
  }
  const auto stored = storage_->get(Family::kResults, entry.client.view());
  if (!stored) return Unexpected{stored.error()};
  // A client that is new here: its first number took what the final prefix counts for it.
  if (!*stored)
    return final.chains.knows(entry.client) && entry.number <= final.number(entry.client);
  const auto row = layout::decode_lane(**stored);
  if (!row) return Unexpected{layout::corrupt("the results of a lane do not decode")};
  return entry.number == row->number + 1;
}

Digest SealedExecutor::digest() const {
  return combined_digest(machine_->digest(*state_), chain_, *hasher_);
}

}  // namespace waggle::smr
