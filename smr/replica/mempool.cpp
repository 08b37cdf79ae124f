#include "smr/replica/mempool.hpp"

#include <algorithm>
#include <utility>

namespace waggle::smr {
namespace {

/// What a request takes in a payload: its length, then itself.
std::size_t payload_bytes(const RequestRef& request) {
  return sizeof(std::uint32_t) + request.size;
}

/// Ticks from arrival to the first forwarding: between two ticks lies one full delay.
constexpr std::uint64_t kDelay = 2;
/// After the n-th forwarding the next one is kDelay * 2^n ticks later, n at most this.
constexpr std::uint32_t kDoublingsMax = 6;

}  // namespace

Mempool::Mempool(const MempoolLimits& limits, const Limits& chain_limits, const Sessions& sessions,
                 const Hasher& hasher, Buggify* buggify)
    : limits_(limits),
      chain_limits_(chain_limits),
      sessions_(sessions),
      hasher_(hasher),
      empty_payload_(Payload::empty(hasher)),
      buggify_(buggify) {}

Result<void, Refusal> Mempool::add(SharedBytes bytes, const RequestRef& request) {
  ENSURE(request.offset == 0 && request.size == bytes->size(), "a request fills its bytes");
  const Key key(request);
  if (by_key_.contains(key)) return Unexpected{Refusal::kDuplicate};
  switch (sessions_.check(request)) {
    case Decision::kExecute: break;
    case Decision::kTooFar: return Unexpected{Refusal::kNumberTooFar};
    case Decision::kDuplicate:
    case Decision::kExpired: return Unexpected{Refusal::kNumberOld};
  }
  if (auto room = check_room(request); !room) return room;

  const Arrival arrival = next_arrival_++;
  requests_.emplace_hint(requests_.end(), arrival,
                         Entry{std::move(bytes), request, ticks_ + kDelay});
  by_key_.emplace(key, arrival);
  due_.emplace(ticks_ + kDelay, arrival);
  Share& share = shares_[request.client];
  share.requests += 1;
  share.bytes += request.size;
  bytes_ += request.size;
  return {};
}

Result<void, Refusal> Mempool::check_room(const RequestRef& request) const {
  if (payload_bytes(request) > chain_limits_.payload_bytes_max) {
    return Unexpected{Refusal::kTooLarge};
  }
  const auto found = shares_.find(request.client);
  const Share share = found == shares_.end() ? Share{} : found->second;
  if (share.requests >= limits_.client_requests_max ||
      share.bytes + request.size > limits_.client_bytes_max) {
    return Unexpected{Refusal::kClientShareFull};
  }
  if (requests_.size() >= limits_.requests_max || bytes_ + request.size > limits_.bytes_max ||
      strikes(buggify_, Place::kMempoolFull)) {
    return Unexpected{Refusal::kMempoolFull};
  }
  return {};
}

PayloadPtr Mempool::build(const std::vector<PayloadPtr>& in_flight) {
  std::vector<Key> taken;
  for (const PayloadPtr& payload : in_flight) {
    for (const RequestRef& request : payload->requests()) taken.emplace_back(request);
  }
  std::sort(taken.begin(), taken.end());

  Bytes bytes;
  for (auto next = requests_.begin(); next != requests_.end();) {
    const RequestRef& request = next->second.request;
    if (sessions_.check(request) != Decision::kExecute) {
      next = remove(next);
      continue;
    }
    if (!std::binary_search(taken.begin(), taken.end(), Key(request))) {
      if (bytes.size() + payload_bytes(request) > chain_limits_.payload_bytes_max) break;
      append_to_payload(bytes, *next->second.bytes);
      if (strikes(buggify_, Place::kSmallPayload)) break;
    }
    ++next;
  }
  if (bytes.empty()) return empty_payload_;
  auto payload =
      Payload::parse(std::make_shared<const Bytes>(std::move(bytes)), chain_limits_, hasher_);
  ENSURE(payload, "verified requests within the limits make a payload");
  return *std::move(payload);
}

void Mempool::on_proposed(const Payload& payload) {
  for (const RequestRef& request : payload.requests()) {
    const auto known = by_key_.find(Key(request));
    if (known == by_key_.end()) continue;
    Entry& entry = requests_.at(known->second);
    // Only once: a leader that proposes in vain must not keep it from the others.
    if (std::exchange(entry.postponed, true)) continue;
    set_due(known->second, entry, std::max(entry.due, ticks_ + kDelay));
  }
}

void Mempool::set_due(Arrival arrival, Entry& entry, std::uint64_t due) {
  const bool waited = due_.erase({entry.due, arrival}) == 1;
  ENSURE(waited, "every request waits to be forwarded");
  entry.due = due;
  due_.emplace(due, arrival);
}

void Mempool::on_committed(const Payload& payload) {
  std::vector<ClientId> clients;
  for (const RequestRef& request : payload.requests()) {
    const auto known = by_key_.find(Key(request));
    if (known != by_key_.end()) remove(requests_.find(known->second));
    clients.push_back(request.client);
  }
  std::sort(clients.begin(), clients.end());
  clients.erase(std::unique(clients.begin(), clients.end()), clients.end());
  for (const ClientId& client : clients) drop_executed(client);
}

void Mempool::drop_executed(const ClientId& client) {
  const std::uint64_t highest = sessions_.highest_executed(client);
  for (auto next = by_key_.lower_bound(Key(client)); next != by_key_.end();) {
    // Nothing above the highest executed number is executed.
    if (next->first.client != client || next->first.first > highest) break;
    const auto found = requests_.find((next++)->second);
    if (sessions_.check(found->second.request) != Decision::kExecute) remove(found);
  }
}

/// An evicted client's requests have become old or too far without a commit of that client.
void Mempool::drop_stale() {
  evictions_seen_ = sessions_.evictions();
  for (auto next = requests_.begin(); next != requests_.end();) {
    const bool stale = sessions_.check(next->second.request) != Decision::kExecute;
    next = stale ? remove(next) : std::next(next);
  }
}

bool Mempool::due_above(std::size_t bytes_max) const {
  std::size_t bytes = 0;
  for (const auto& [due, arrival] : due_) {
    if (due > ticks_ || bytes > bytes_max) break;
    bytes += requests_.at(arrival).request.size;
  }
  return bytes > bytes_max;
}

std::vector<SharedBytes> Mempool::tick(bool turns_come) {
  if (sessions_.evictions() != evictions_seen_) drop_stale();
  ++ticks_;
  if (turns_come && due_above(limits_.forward_busy_max)) return {};
  std::vector<SharedBytes> forward;
  std::size_t bytes = 0;
  while (!due_.empty()) {
    const auto [due, arrival] = *due_.begin();
    Entry& entry = requests_.at(arrival);
    bytes += entry.request.size;
    if (due > ticks_ || (bytes > limits_.forward_bytes_max && !forward.empty())) break;
    forward.push_back(entry.bytes);
    entry.forwards = std::min(entry.forwards + 1, kDoublingsMax);
    entry.postponed = false;
    set_due(arrival, entry, ticks_ + (kDelay << entry.forwards));
  }
  return forward;
}

Mempool::Requests::iterator Mempool::remove(Requests::iterator found) {
  const Entry& entry = found->second;
  by_key_.erase(Key(entry.request));
  due_.erase({entry.due, found->first});
  const auto share = shares_.find(entry.request.client);
  share->second.requests -= 1;
  share->second.bytes -= entry.request.size;
  if (share->second.requests == 0) shares_.erase(share);
  bytes_ -= entry.request.size;
  return requests_.erase(found);
}

}  // namespace waggle::smr
