#include "smr/replica/executor.hpp"

#include <algorithm>

#include "smr/replica/layout.hpp"
#include "smr/replica/result_rows.hpp"

namespace waggle::smr {

using storage::Family;

namespace {

void put_sessions(storage::Batch& batch, const SessionChanges& changes) {
  batch.put(Family::kMeta, to_bytes(layout::kSessionsKey), changes.globals);
  for (const SessionRow& row : changes.rows) {
    batch.put(Family::kSessions, Bytes(row.client.bytes.begin(), row.client.bytes.end()),
              row.value);
  }
  for (const ClientId& client : changes.evicted) {
    batch.erase(Family::kSessions, Bytes(client.bytes.begin(), client.bytes.end()));
  }
}

}  // namespace

Digest combined_digest(const Digest& state, const Digest& sessions, const Hasher& hasher) {
  return hasher.hash({domain::kCompared, state.view(), sessions.view()});
}

Bytes apply_bounded(const app::StateMachine& machine, const app::CommandContext& context,
                    ByteView command, app::StateStore& store) {
  Bytes result = machine.apply(context, command, store);
  return result.size() <= context.result_bytes_max ? result : Bytes();
}

storage::Outcome<ExecutionResult> Executor::execute(const ExecutionJob& job) {
  const Block& block = *job.block;
  ENSURE(block.height() == position_.height.next(), "blocks execute in order, each once");
  storage::Batch batch;
  ExecutionResult done;
  ResultRows rows(block);
  std::size_t room = kBlockResultBytes;
  std::size_t at = 0;
  for (const RequestRef& request : block.payload->requests()) {
    Committed answer{request.client, block.view(), block.height(), block.id, {}};
    rows.begin_request(request.client);
    for (const CommandRef& command : commands_of(request.in(*block.payload->bytes()))) {
      if (job.decisions.at(at++) != Decision::kExecute) continue;
      const app::CommandContext context{request.client, command.number, block.height(),
                                        block.view(), std::max(room, app::kResultBytesMin)};
      Bytes result = apply_bounded(machine_, context, command.bytes, state_);
      room -= std::min(room, result.size());
      rows.add(command.number, result);
      answer.results.push_back({command.number, std::move(result)});
      ++position_.commands;
    }
    if (!answer.results.empty()) done.answers.push_back(std::move(answer));
  }
  put_sessions(batch, job.sessions);
  if (auto kept = rows.finish(storage_, job.sessions.expired, batch); !kept) {
    return Unexpected{kept.error()};
  }
  state_.take_changes(batch);
  if (state_.failure()) return Unexpected{*state_.failure()};

  position_.height = block.height();
  position_.block = block.id;
  position_.view = block.view();
  position_.state = state_.digest();
  position_.digest = combined_digest(machine_.digest(state_), job.sessions_digest, hasher_);
  position_.ordered += job.decisions.size();
  index_block(batch, block, job.decisions, position_.ordered);
  batch.put(Family::kMeta, to_bytes(layout::kExecutedKey), layout::encode(position_));
  if (auto written = storage_.write(batch, false); !written) return Unexpected{written.error()};
  done.position = position_;
  return done;
}

Bytes answer_query(const storage::Storage& storage, const app::StateMachine& machine,
                   const Hasher& hasher, ByteView query) {
  return machine.query(query, StoredState(storage, hasher, Digest{}));
}

}  // namespace waggle::smr
