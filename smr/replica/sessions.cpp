#include "smr/replica/sessions.hpp"

#include <algorithm>

namespace waggle::smr {
namespace {

constexpr std::uint64_t kWordBits = 64;
/// Numbers rise by at most kSessionWindow per executed command, so no chain ever gets here; a
/// stored row that claims it is false, and sums of numbers do not wrap.
constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 62;

template <std::size_t N>
void write_bits(Writer& writer, std::bitset<N> bits) {
  const std::bitset<N> word_mask(~std::uint64_t{0});
  for (std::size_t done = 0; done < N; done += kWordBits, bits >>= kWordBits) {
    writer.u64((bits & word_mask).to_ullong());
  }
}

template <std::size_t N>
std::bitset<N> read_bits(Reader& reader) {
  std::bitset<N> bits;
  for (std::size_t done = 0; done < N; done += kWordBits) {
    bits |= std::bitset<N>(reader.u64()) << done;
  }
  return bits;
}

}  // namespace

Sessions::Session Sessions::Session::starting_at(std::uint64_t number) {
  Session session;
  session.start = session.low = session.results_from = number;
  session.highest = number - 1;
  return session;
}

std::uint64_t Sessions::Session::kept_from() const {
  const std::uint64_t latest = highest < kSessionWindow ? 0 : highest - kSessionWindow + 1;
  return std::max(start, latest);
}

std::uint64_t Sessions::Session::erase_below() const {
  return std::max(start, kept_from() / kExpiredAtOnce * kExpiredAtOnce);
}

bool Sessions::Session::has_executed(std::uint64_t number) const {
  if (number < low) return number >= start;
  return number - low < kSessionWindow && executed[number - low];
}

Decision Sessions::Session::check(std::uint64_t number) const {
  if (number < start) return Decision::kExpired;
  if (has_executed(number)) {
    return number >= kept_from() ? Decision::kDuplicate : Decision::kExpired;
  }
  return number - low < kSessionWindow ? Decision::kExecute : Decision::kTooFar;
}

Decision Sessions::Session::check(const RequestRef& request) const {
  if (request.last() < low) {
    return request.first >= kept_from() ? Decision::kDuplicate : Decision::kExpired;
  }
  // Not above low: the window moves along as the request's own commands are admitted.
  if (request.first <= low) return Decision::kExecute;
  if (request.last() - low >= kSessionWindow) return Decision::kTooFar;
  for (std::uint64_t number = request.first; number <= request.last(); ++number) {
    if (!has_executed(number)) return Decision::kExecute;
  }
  return Decision::kDuplicate;  // All of them are above low, hence kept.
}

void Sessions::Session::execute(std::uint64_t number) {
  ENSURE(check(number) == Decision::kExecute);
  executed.set(number - low);
  highest = std::max(highest, number);
  while (executed[0]) {
    executed >>= 1;
    ++low;
  }
  ENSURE(kept_from() <= low, "a result would be erased before its command is executed");
}

Bytes Sessions::Session::encode() const {
  Writer writer;
  writer.u64(start).u64(low).u64(last_commit);
  write_bits(writer, executed);
  return writer.take();
}

std::optional<Sessions::Session> Sessions::Session::decode(ByteView bytes) {
  Reader reader(bytes);
  Session session;
  session.start = reader.u64();
  session.low = reader.u64();
  session.last_commit = reader.u64();
  session.executed = read_bits<kSessionWindow>(reader);
  session.highest = session.low - 1;
  for (std::size_t i = 0; i < kSessionWindow; ++i) {
    if (session.executed[i]) session.highest = session.low + i;
  }
  const bool in_range = session.start >= 1 && session.start <= session.low &&
                        session.low <= kNumberMax && session.last_commit >= 1;
  const bool has_executed_something = session.highest >= session.start;
  if (!reader.done() || !in_range || session.executed[0] || !has_executed_something) {
    return std::nullopt;
  }
  session.results_from = session.erase_below();
  return session;
}

Sessions::Sessions(std::uint32_t sessions_max, const Hasher& hasher)
    : sessions_max_(sessions_max), hasher_(&hasher), sum_(hasher, domain::kSession) {
  ENSURE(sessions_max >= 1);
}

Result<Sessions, Refusal> Sessions::load(std::uint32_t sessions_max, const Hasher& hasher,
                                         ByteView globals, std::span<const SessionRow> rows) {
  Sessions loaded(sessions_max, hasher);
  Reader reader(globals);
  loaded.floor_ = reader.u64();
  loaded.commits_ = reader.u64();
  if (!reader.done() || loaded.floor_ > kNumberMax || rows.size() > sessions_max) {
    return Unexpected{Refusal::kMalformed};
  }
  for (const SessionRow& row : rows) {
    auto session = Session::decode(row.value);
    if (!session || session->start > loaded.floor_ + 1 || session->last_commit > loaded.commits_ ||
        (!loaded.sessions_.empty() && loaded.sessions_.rbegin()->first >= row.client) ||
        !loaded.by_last_commit_.emplace(session->last_commit, row.client).second) {
      return Unexpected{Refusal::kMalformed};
    }
    session->counted = loaded.sum_.element(row.client.view(), row.value);
    loaded.sum_.add(*session->counted);
    loaded.sessions_.emplace_hint(loaded.sessions_.end(), row.client, *session);
  }
  return loaded;
}

const Sessions::Session* Sessions::find(const ClientId& client) const {
  const auto found = sessions_.find(client);
  return found == sessions_.end() ? nullptr : &found->second;
}

Decision Sessions::check(const ClientId& client, std::uint64_t number) const {
  const Session* session = find(client);
  return session ? session->check(number) : Session::starting_at(floor_ + 1).check(number);
}

Decision Sessions::check(const RequestRef& request) const {
  const Session* session = find(request.client);
  return session ? session->check(request) : Session::starting_at(floor_ + 1).check(request);
}

Decision Sessions::admit(const ClientId& client, std::uint64_t number) {
  const Decision decision = check(client, number);
  if (decision != Decision::kExecute) return decision;
  // The new session begins above the floor as it is before anybody is evicted for it: that is
  // what `check` answered by.
  Session& session = sessions_.try_emplace(client, Session::starting_at(floor_ + 1)).first->second;
  session.execute(number);
  touch(client, session);
  if (sessions_.size() > sessions_max_) evict_oldest();
  return decision;
}

void Sessions::touch(const ClientId& client, Session& session) {
  auto node = by_last_commit_.extract(session.last_commit);
  session.last_commit = ++commits_;
  if (node) {
    node.key() = commits_;
    by_last_commit_.insert(by_last_commit_.end(), std::move(node));
  } else {
    by_last_commit_.emplace_hint(by_last_commit_.end(), commits_, client);
  }
  if (!session.dirty) dirty_.insert(client);
  session.dirty = true;
}

void Sessions::evict_oldest() {
  const ClientId client = by_last_commit_.begin()->second;
  const auto found = sessions_.find(client);
  ENSURE(found != sessions_.end());
  const Session& session = found->second;
  floor_ = std::max(floor_, session.highest);
  expired_.push_back({client, session.results_from, session.highest});
  if (session.counted) sum_.remove(*session.counted);
  dirty_.insert(client);
  by_last_commit_.erase(by_last_commit_.begin());
  sessions_.erase(found);
  ++evictions_;
}

std::uint64_t Sessions::next_number(const ClientId& client) const {
  const Session* session = find(client);
  return session ? session->low : floor_ + 1;
}

std::uint64_t Sessions::highest_executed(const ClientId& client) const {
  const Session* session = find(client);
  return session ? session->highest : floor_;
}

SessionChanges Sessions::take_changes() {
  SessionChanges changes;
  changes.globals = encode_globals();
  changes.expired = std::exchange(expired_, {});
  for (const ClientId& client : dirty_) {
    const auto found = sessions_.find(client);
    if (found == sessions_.end()) {
      changes.evicted.push_back(client);
      continue;
    }
    Session& session = found->second;
    Bytes row = session.encode();
    if (session.counted) sum_.remove(*session.counted);
    session.counted = sum_.element(client.view(), row);
    sum_.add(*session.counted);
    session.dirty = false;
    if (session.erase_below() > session.results_from) {
      changes.expired.push_back({client, session.results_from, session.erase_below() - 1});
      session.results_from = session.erase_below();
    }
    changes.rows.push_back({client, std::move(row)});
  }
  dirty_.clear();
  return changes;
}

Digest Sessions::digest() const {
  app::StateDigest sum = sum_;
  for (const ClientId& client : dirty_) {
    const Session* session = find(client);
    if (!session) continue;
    if (session->counted) sum.remove(*session->counted);
    sum.add(client.view(), session->encode());
  }
  return hasher_->hash({domain::kSessions, sum.value().view(), encode_globals()});
}

Bytes Sessions::encode_globals() const { return Writer().u64(floor_).u64(commits_).take(); }

}  // namespace waggle::smr
