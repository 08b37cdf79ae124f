#include "tests/support/median_network.hpp"

#include <algorithm>

namespace waggle::test {

using namespace median;

namespace {

std::size_t bytes_of_requests(const Message& message) {
  std::size_t bytes = 0;
  if (const auto* append = std::get_if<Append>(&message)) {
    for (const StampedContent& one : append->commands) bytes += one.content.request->size();
  } else if (const auto* contents = std::get_if<Contents>(&message)) {
    for (const Content& one : contents->commands) bytes += one.request->size();
  }
  return bytes;
}

}  // namespace

MedianNetwork::MedianNetwork(const Parameters& parameters, std::uint64_t seed,
                             std::size_t table_max)
    : parameters_(parameters), seed_(seed), table_max_(table_max) {
  chain_.chain_id.bytes[0] = 7;
  members_.resize(parameters.n);
  for (std::uint32_t i = 0; i < parameters.n; ++i) {
    members_[i].signer = std::make_unique<sim::SymbolicSigner>(ring_, i);
    chain_.replica_keys.push_back(members_[i].signer->public_key());
  }
  for (std::uint32_t i = 0; i < parameters.n; ++i) open(i, false);
}

void MedianNetwork::open(std::uint32_t server, bool rejoin) {
  Member& member = members_[server];
  member.rng = std::make_unique<sim::Random>(seed_ * 1000 + server + now_);
  Rows rows;
  for (const auto& [key, value] : member.disk) rows.push_back({key, value});
  Server::Setup setup{.self = ReplicaId{server},
                      .parameters = parameters_,
                      .hasher = hasher_,
                      .rng = *member.rng,
                      .limits = chain_.limits,
                      .guards = {},
                      .table_max = table_max_,
                      .final_step = 7};
  auto opened = Server::open(setup, rows, rejoin);
  ENSURE(opened, "rows that this server wrote");
  member.server = std::move(*opened);
}

void MedianNetwork::restart(std::uint32_t server) {
  open(server, false);
  Member& member = members_[server];
  member.crash_at_write = false;
  // What was sealed but, say, not executed before the crash.
  for (const Sealed& entry : member.server->sealed_from(member.executed.size())) {
    execute(member, entry);
  }
}

void MedianNetwork::wipe(std::uint32_t server) {
  members_[server].disk.clear();
  members_[server].executed.clear();
  open(server, true);
}

Content MedianNetwork::command(std::uint32_t client, std::uint64_t number) const {
  sim::KeyRing ring;
  const sim::SymbolicSigner signer(ring, 1'000'000 + client);
  const std::vector<Bytes> commands{to_bytes("command " + std::to_string(number))};
  auto request =
      std::make_shared<const Bytes>(make_request(chain_.chain_id, signer, number, commands));
  return *read_content(std::move(request), chain_.limits, hasher_);
}

void MedianNetwork::submit(std::uint32_t server, const Content& content) {
  feed(server, ClientCommand{content});
}

void MedianNetwork::feed(std::uint32_t server, const median::Input& input) {
  if (!up(server)) return;
  median::Effects effects;
  members_[server].server->step(input, effects);
  perform(server, effects);
}

void MedianNetwork::round(const std::set<std::uint32_t>& blocked) {
  blocked_ = blocked;
  for (std::uint32_t i = 0; i < n(); ++i) {
    if (!blocked.contains(i)) feed(i, RoundBegins{now_});
  }
  deliver_all();
  ++now_;
}

void MedianNetwork::rounds(std::uint32_t count, const std::set<std::uint32_t>& blocked) {
  for (std::uint32_t i = 0; i < count; ++i) round(blocked);
}

void MedianNetwork::deliver_all() {
  while (!letters_.empty()) {
    for (const Letter& letter : std::exchange(letters_, {})) {
      const ReplicaId from{letter.from};
      auto verified = validate(letter.message, from, chain_, ring_, hasher_);
      ENSURE(verified, "what an honest server sends");
      feed(letter.to, std::move(*verified));
    }
  }
}

void MedianNetwork::send(std::uint32_t from, std::uint32_t to, const Message& message) {
  if (from != to && (blocked_.contains(from) || blocked_.contains(to))) return;
  if (commits_cut_ && std::holds_alternative<median::Commit>(message)) return;
  if (std::holds_alternative<LogRequest>(message)) ++requests_sent_;
  if (const auto* reply = std::get_if<LogReply>(&message)) entries_sent_ += reply->entries.size();
  most_bytes_ = std::max(most_bytes_, bytes_of_requests(message));
  letters_.push_back({from, to, message});
}

void MedianNetwork::perform(std::uint32_t server, const median::Effects& effects) {
  Member& member = members_[server];
  for (const median::Effect& effect : effects) {
    if (const auto* persist = std::get_if<Persist<Rows>>(&effect)) {
      if (std::exchange(member.crash_at_write, false)) {
        member.server.reset();
        return;
      }
      ++member.writes;
      for (const Row& row : persist->record) {
        if (row.value) {
          member.disk[row.key] = *row.value;
        } else {
          member.disk.erase(row.key);
        }
      }
    } else if (const auto* one = std::get_if<Send<Message>>(&effect)) {
      send(server, one->to.value, sign(one->message, *member.signer, chain_, hasher_));
    } else if (const auto* all = std::get_if<Broadcast<Message>>(&effect)) {
      const Message message = sign(all->message, *member.signer, chain_, hasher_);
      member.signed_messages.push_back(message);
      for (std::uint32_t to = 0; to < n(); ++to) send(server, to, message);
    } else if (const auto* run = std::get_if<SealedRun>(&effect)) {
      for (const Sealed& entry : run->entries) execute(member, entry);
      ENSURE(run->final->length == member.executed.size());
    } else if (const auto* needed = std::get_if<StateNeeded>(&effect)) {
      member.state_needed.push_back(needed->from);
    } else if (std::holds_alternative<FinalConflict>(effect)) {
      ++conflicts_;
    } else {
      ++refused_;
    }
  }
}

void MedianNetwork::execute(Member& member, const Sealed& entry) {
  ENSURE(entry.position == member.executed.size(), "entries in order, each once");
  ENSURE((entry.request != nullptr) == entry.entry.digest.has_value());
  member.executed.push_back(entry.entry);
}

bool MedianNetwork::agree() const {
  for (const Member& a : members_) {
    for (const Member& b : members_) {
      const std::size_t common = std::min(a.executed.size(), b.executed.size());
      if (!std::equal(a.executed.begin(), a.executed.begin() + static_cast<std::ptrdiff_t>(common),
                      b.executed.begin())) {
        return false;
      }
    }
  }
  return true;
}

bool MedianNetwork::all_executed(const std::vector<Content>& commands) const {
  for (const Member& member : members_) {
    if (!member.server) continue;
    for (const Content& content : commands) {
      const auto is_it = [&](const Named& named) { return named.digest == content.command.digest; };
      if (std::none_of(member.executed.begin(), member.executed.end(), is_it)) return false;
    }
  }
  return true;
}

}  // namespace waggle::test
