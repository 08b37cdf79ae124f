#include "sim/checker/judge.hpp"

#include <algorithm>

#include "sim/checker/held_up.hpp"
#include "sim/checker/integrity.hpp"
#include "sim/checker/states.hpp"

namespace waggle::sim {
namespace {

/// A replica that lost what it had not synced may execute that many blocks again and is still
/// compared; at most so many are remembered for one that stays behind.
constexpr std::uint64_t kRemembered = 1024;
constexpr std::uint64_t kRememberedMax = 65'536;

}  // namespace

template <class P>
P* Judge::always() {
  properties_.push_back(std::make_unique<P>(stage_));
  return static_cast<P*>(properties_.back().get());
}

Judge::Judge(Of of, std::uint32_t n, std::uint32_t f, bool tips_follow_votes)
    : stage_{.n = n, .f = f, .tips_follow_votes = tips_follow_votes}, executed_(n) {
  if (of == Of::kBlocks) {
    agreement_ = always<Agreement>();
    durability_ = always<Durability>();
  } else {
    sealed_agreement_ = always<SealedAgreement>();
    promises_ = always<Promises>();
  }
  bounds_ = always<Bounds>();
  history_ = always<History>();
  if (of == Of::kEntries) return;
  always<HeldUp>();
  always<Integrity>();
  always<States>();
}

void Judge::on_sent(ReplicaId replica, const chained::Message& message) {
  if (!honest(replica)) return;
  for (const auto& property : properties_) property->on_sent(replica, message);
}

void Judge::on_block(const Block& block) {
  for (const auto& property : properties_) property->on_block(block);
}

void Judge::on_held_up(ReplicaId replica, const Digest& block, const Tip& tip) {
  if (!honest(replica)) return;
  for (const auto& property : properties_) property->on_held_up(replica, block, tip);
}

void Judge::on_commit(ReplicaId replica, const smr::ExecutionJob& job) {
  if (!honest(replica)) return;
  for (const auto& property : properties_) property->on_commit(replica, job);
}

void Judge::on_executed(ReplicaId replica, const smr::Executed& position) {
  if (!honest(replica)) return;
  executed_.at(replica.value) = position.height;
  if (position.height.value % 64 == 0) forget();
  for (const auto& property : properties_) property->on_executed(replica, position);
}

void Judge::on_restarted(ReplicaId replica, const smr::Executed& position) {
  if (!honest(replica)) return;
  executed_.at(replica.value) = position.height;
  for (const auto& property : properties_) property->on_restarted(replica, position);
}

void Judge::on_said(ReplicaId server, const median::Message& message) {
  if (!honest(server)) return;
  for (const auto& property : properties_) property->on_said(server, message);
}

void Judge::on_final(ReplicaId server, const median::FinalPrefix& final) {
  if (!honest(server)) return;
  for (const auto& property : properties_) property->on_final(server, final);
}

void Judge::on_sealed(ReplicaId server, std::span<const median::Sealed> entries,
                      const smr::Executed& after) {
  if (!honest(server)) return;
  executed_.at(server.value) = after.height;
  forget();
  for (const auto& property : properties_) property->on_sealed(server, entries, after);
}

void Judge::on_installed(ReplicaId server, const smr::Executed& at) {
  if (!honest(server)) return;
  executed_.at(server.value) = at.height;
  for (const auto& property : properties_) property->on_installed(server, at);
}

void Judge::on_seal_proof(ReplicaId server, const certificate::ProvenSeal& proven) {
  if (!honest(server)) return;
  for (const auto& property : properties_) property->on_seal_proof(server, proven);
}

void Judge::on_forgot(ReplicaId replica) {
  if (!honest(replica)) return;
  for (const auto& property : properties_) property->on_forgot(replica);
}

void Judge::forget() {
  std::uint64_t lowest = highest().value;
  for (std::uint32_t id = 0; id < stage_.n; ++id) {
    if (honest(ReplicaId{id})) lowest = std::min(lowest, executed_[id].value);
  }
  const std::uint64_t keep = std::max(lowest, kRemembered) - kRemembered;
  const std::uint64_t most = std::max(highest().value, kRememberedMax) - kRememberedMax;
  stage_.forgotten = std::max(stage_.forgotten, Height{std::max(keep, most)});
}

void Judge::on_usage(ReplicaId replica, const Usage& usage) {
  if (!honest(replica)) return;
  for (const auto& property : properties_) property->on_usage(replica, usage);
}

void Judge::on_submitted(const ClientId& client, std::uint64_t number,
                         const app::KvCommand& command) {
  for (const auto& property : properties_) property->on_submitted(client, number, command);
}

void Judge::on_acknowledged(const ClientId& client, std::uint64_t number,
                            const smr::Committed& where, const app::KvResult& result) {
  for (const auto& property : properties_) {
    property->on_acknowledged(client, number, where, result);
  }
}

void Judge::on_proof(ReplicaId replica, const certificate::ProvenCommit& proven) {
  if (!honest(replica)) return;
  for (const auto& property : properties_) property->on_proof(replica, proven);
}

void Judge::on_healed() {
  for (const auto& property : properties_) property->on_healed();
}

void Judge::on_time() {
  for (const auto& property : properties_) property->on_time();
}

void Judge::on_final_state(ReplicaId replica, const storage::Storage& storage) {
  if (!honest(replica)) return;
  for (const auto& property : properties_) property->on_final_state(replica, storage);
}

}  // namespace waggle::sim
