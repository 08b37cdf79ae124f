#include "tests/unit/replica/median_cluster.hpp"

#include <gtest/gtest.h>

#include "smr/app/kv_command.hpp"
#include "smr/replica/executor.hpp"
#include "smr/replica/median_recovery.hpp"

namespace waggle::smr {

MedianCluster::MedianCluster(std::uint32_t n, std::uint32_t T, std::uint32_t B,
                             std::uint32_t sessions_max)
    : parameters_{.n = n, .T = T, .B = B} {
  chain_.chain_id.bytes[0] = 7;
  chain_.sessions_max = sessions_max;
  members_.resize(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    members_[i].signer = std::make_unique<sim::SymbolicSigner>(ring_, i);
    chain_.replica_keys.push_back(members_[i].signer->public_key());
  }
  for (std::uint32_t i = 0; i < n; ++i) start(i);
}

void MedianCluster::start(std::uint32_t index, bool rejoin) {
  Member& member = members_.at(index);
  member.rng = std::make_unique<sim::Random>(1000 + index + now_);
  storage::MemoryStorage& storage = member.environment->storage;
  auto recovered = recover_median(storage, hasher_, n());
  auto executor = SealedExecutor::open(storage, machine_, hasher_);
  ENSURE(recovered && executor, "what a host wrote");
  member.executor.emplace(std::move(*executor));
  auto host = MedianHost::open({.chain = chain_,
                                .parameters = parameters_,
                                .self = ReplicaId{index},
                                .hasher = hasher_,
                                .signer = *member.signer,
                                .verifier = ring_,
                                .rng = *member.rng,
                                .guards = {}},
                               *member.environment, std::move(*recovered), rejoin);
  ENSURE(host, "rows that a server wrote");
  member.host = std::move(*host);
  for (std::uint32_t peer = 0; peer < n(); ++peer) {
    if (peer != index) member.host->on_peer_connected(ReplicaId{peer});
  }
  member.host->start();
}

void MedianCluster::crash(std::uint32_t index) {
  Member& member = members_.at(index);
  member.host.reset();
  member.executor.reset();
  auto environment = std::make_unique<FakeEnvironment>();
  // All that is in the storage was written; what waited is gone.
  for (std::size_t i = 0; i < storage::kFamilyCount; ++i) {
    const auto family = static_cast<storage::Family>(i);
    storage::Batch batch;
    const auto copied =
        member.environment->storage.scan(family, {}, {}, [&](ByteView key, ByteView value) {
          batch.put(family, Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
          return true;
        });
    ENSURE(copied && environment->storage.write(batch, true), "storage in memory");
  }
  member.environment = std::move(environment);
}

void MedianCluster::wipe(std::uint32_t index) {
  crash(index);
  members_.at(index).environment = std::make_unique<FakeEnvironment>();
}

void MedianCluster::round() {
  for (Member& member : members_) {
    if (member.host) member.host->on_round(now_);
  }
  settle();
  ++now_;
}

void MedianCluster::rounds(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) round();
}

void MedianCluster::tick() {
  for (Member& member : members_) {
    if (member.host) member.host->on_timer(TimerId{65});
  }
  settle();
}

void MedianCluster::settle() {
  for (bool busy = true; busy;) {
    busy = false;
    for (std::uint32_t i = 0; i < n(); ++i) busy = work(i) || deliver(i) || busy;
  }
}

bool MedianCluster::work(std::uint32_t index) {
  Member& member = members_[index];
  FakeEnvironment& environment = *member.environment;
  if (!member.host) return false;
  bool busy = false;
  if (!member.writes_held && !environment.writes.empty()) {
    environment.finish_writes();
    busy = true;
  }
  while (!member.execution_held && !environment.sealed_jobs.empty()) {
    const auto [job, done] = std::move(environment.sealed_jobs.front());
    environment.sealed_jobs.pop_front();
    ENSURE(job(*member.executor), "storage in memory");
    done();
    busy = true;
  }
  if (!environment.reads.empty()) {
    environment.finish_reads();
    busy = true;
  }
  return busy;
}

bool MedianCluster::deliver(std::uint32_t from) {
  FakeEnvironment& environment = *members_[from].environment;
  auto sent = std::exchange(environment.median_sent, {});
  for (const median::Message& message : std::exchange(environment.median_broadcast, {})) {
    for (std::uint32_t to = 0; to < n(); ++to) {
      if (to != from) sent.emplace_back(ReplicaId{to}, message);
    }
  }
  const auto told = std::exchange(environment.host_sent, {});
  if (members_[from].cut_off) return false;
  for (const auto& [to, message] : sent) {
    const Member& receiver = members_[to.value];
    if (!receiver.host || receiver.cut_off) continue;
    const auto verified = median::validate(message, ReplicaId{from}, chain_, ring_, hasher_);
    ENSURE(verified, "what an honest server sends");
    receiver.host->on_message(*verified);
  }
  for (const auto& [to, message] : told) {
    const Member& receiver = members_[to.value];
    if (!receiver.host || receiver.cut_off) continue;
    if (const auto* report = std::get_if<StateReport>(&message)) {
      receiver.host->on_report(ReplicaId{from}, *report);
    } else if (const auto* request = std::get_if<StateRequest>(&message)) {
      receiver.host->on_state_request(ReplicaId{from}, *request);
    } else if (const auto* chunk = std::get_if<StateChunk>(&message)) {
      receiver.host->on_state_chunk(ReplicaId{from}, *chunk);
    }
  }
  return !sent.empty() || !told.empty();
}

VerifiedRequest MedianCluster::put(std::uint32_t client, std::uint64_t number,
                                   const std::string& value) {
  const sim::SymbolicSigner signer(ring_, 1'000'000 + client);
  const Bytes command =
      encode(app::KvCommand(app::KvPut{to_bytes("key" + std::to_string(client)), to_bytes(value)}));
  const std::vector<Bytes> commands{command};
  auto bytes =
      std::make_shared<const Bytes>(make_request(chain_.chain_id, signer, number, commands));
  return check_request(std::move(bytes), chain_, ring_).value();
}

ClientId MedianCluster::client(std::uint32_t client) { return ring_.make_key(1'000'000 + client); }

void MedianCluster::submit(std::uint32_t index, std::uint64_t connection,
                           const VerifiedRequest& request) {
  host(index).on_request(ClientConnection{connection}, request);
  settle();
}

std::string MedianCluster::value(std::uint32_t index, std::uint32_t client) {
  const Bytes query = encode(app::KvCommand(app::KvGet{to_bytes("key" + std::to_string(client))}));
  const Bytes answer = answer_query(environment(index).storage, machine_, hasher_, query);
  const auto result = app::decode_kv_result(answer);
  return result && result->value ? std::string(as_text(*result->value)) : "";
}

std::vector<std::string> codes(const MedianHost& host) {
  std::vector<std::string> found;
  for (const Finding& one : host.findings(std::nullopt)) found.push_back(one.code);
  return found;
}

}  // namespace waggle::smr
