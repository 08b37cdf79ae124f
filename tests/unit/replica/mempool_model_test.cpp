// The mempool against the same rules over a plain list, with random requests and commits.

#include <algorithm>
#include <list>
#include <optional>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/sha256.hpp"
#include "smr/replica/mempool.hpp"
#include "tests/unit/replica/requests.hpp"

namespace waggle::smr {
namespace {

const crypto::Sha256Hasher kHasher;
const MempoolLimits kLimits{.requests_max = 12,
                            .bytes_max = 3000,
                            .client_requests_max = 6,
                            .client_bytes_max = 1400,
                            .forward_bytes_max = 500};
const Limits kChainLimits{.payload_bytes_max = 900};

bool same(const RequestRef& a, const RequestRef& b) {
  return a.client == b.client && a.first == b.first && a.count == b.count;
}

struct Waiting {
  TestRequest request;
  int wait = 2;  ///< Ticks until it is to be forwarded.
  int forwards = 0;
  bool postponed = false;
};

class Model {
 public:
  explicit Model(const Sessions& sessions) : sessions_(sessions) {}

  std::optional<Refusal> add(const TestRequest& request) {
    std::size_t bytes = 0, client_requests = 0, client_bytes = 0;
    for (const Waiting& waiting : list_) {
      const RequestRef& ref = waiting.request.ref;
      if (same(ref, request.ref)) return Refusal::kDuplicate;
      bytes += ref.size;
      if (ref.client != request.ref.client) continue;
      client_requests += 1;
      client_bytes += ref.size;
    }
    const std::size_t size = request.bytes->size();
    const Decision decision = sessions_.check(request.ref);
    if (decision == Decision::kTooFar) return Refusal::kNumberTooFar;
    if (decision != Decision::kExecute) return Refusal::kNumberOld;
    if (size + 4 > kChainLimits.payload_bytes_max) return Refusal::kTooLarge;
    if (client_requests + 1 > kLimits.client_requests_max) return Refusal::kClientShareFull;
    if (client_bytes + size > kLimits.client_bytes_max) return Refusal::kClientShareFull;
    if (list_.size() + 1 > kLimits.requests_max) return Refusal::kMempoolFull;
    if (bytes + size > kLimits.bytes_max) return Refusal::kMempoolFull;
    list_.push_back({request});
    return std::nullopt;
  }

  Bytes build(const std::vector<PayloadPtr>& in_flight) {
    drop_stale();
    Bytes payload;
    for (const Waiting& waiting : list_) {
      if (held_by(in_flight, waiting.request.ref)) continue;
      if (payload.size() + 4 + waiting.request.bytes->size() > kChainLimits.payload_bytes_max) {
        break;
      }
      append_to_payload(payload, *waiting.request.bytes);
    }
    return payload;
  }

  void on_proposed(const PayloadPtr& payload) {
    for (Waiting& waiting : list_) {
      if (!held_by({payload}, waiting.request.ref) || waiting.postponed) continue;
      waiting.postponed = true;
      waiting.wait = std::max(waiting.wait, 2);
    }
  }
  void on_committed(const PayloadPtr& payload) {
    std::erase_if(list_, [&](const Waiting& w) { return held_by({payload}, w.request.ref); });
  }
  /// What is due for the longest goes first, among equals the oldest.
  std::vector<SharedBytes> tick() {
    drop_stale();
    std::vector<Waiting*> candidates;
    for (Waiting& waiting : list_) {
      if (--waiting.wait <= 0) candidates.push_back(&waiting);
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const auto* a, const auto* b) { return a->wait < b->wait; });
    std::vector<SharedBytes> out;
    std::size_t bytes = 0;
    for (Waiting* waiting : candidates) {
      bytes += waiting->request.bytes->size();
      if (bytes > kLimits.forward_bytes_max && !out.empty()) break;
      waiting->forwards = std::min(waiting->forwards + 1, 6);
      waiting->wait = 2 << waiting->forwards;
      waiting->postponed = false;
      out.push_back(waiting->request.bytes);
    }
    return out;
  }
  /// The mempool may throw out what is old whenever it likes; the model does so here.
  void drop_stale() {
    std::erase_if(list_, [this](const Waiting& waiting) {
      return sessions_.check(waiting.request.ref) != Decision::kExecute;
    });
  }
  std::size_t size() const { return list_.size(); }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const Waiting& waiting : list_) sum += waiting.request.bytes->size();
    return sum;
  }

 private:
  static bool held_by(const std::vector<PayloadPtr>& payloads, const RequestRef& request) {
    for (const PayloadPtr& payload : payloads) {
      for (const RequestRef& held : payload->requests()) {
        if (same(held, request)) return true;
      }
    }
    return false;
  }

  const Sessions& sessions_;
  std::list<Waiting> list_;
};

struct Pair {
  // Room for every client: evictions make requests old at moments of the mempool's choice.
  Sessions sessions{8, kHasher};
  Mempool mempool{kLimits, kChainLimits, sessions, kHasher};
  Model model{sessions};
  std::vector<PayloadPtr> in_flight;

  void add() {
    const unsigned client = *rc::gen::inRange(0u, 4u);
    const auto next = sessions.next_number(client_of(client));
    const auto first = next + *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 8),
                                              rc::gen::inRange<std::uint64_t>(250, 260));
    const auto back = *rc::gen::inRange<std::uint64_t>(0, 3);
    const auto request = make(client, first > back ? first - back : 1, *rc::gen::inRange(1u, 4u),
                              *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 60),
                                              rc::gen::inRange<std::size_t>(780, 800)));
    const auto added = mempool.add(request.bytes, request.ref);
    const auto expected = model.add(request);
    RC_ASSERT(added.has_value() == !expected.has_value());
    if (expected) RC_ASSERT(added.error() == *expected);
  }
  void propose() {
    const PayloadPtr payload = mempool.build(in_flight);
    RC_ASSERT(*payload->bytes() == model.build(in_flight));
    RC_ASSERT(payload->bytes()->size() <= kChainLimits.payload_bytes_max);
    mempool.on_proposed(*payload);
    model.on_proposed(payload);
    in_flight.push_back(payload);
  }
  void commit() {
    if (in_flight.empty()) return;
    const PayloadPtr payload = in_flight.front();
    in_flight.erase(in_flight.begin());
    for (const RequestRef& request : payload->requests()) {
      for (std::uint64_t n = request.first; n <= request.last(); ++n) {
        sessions.admit(request.client, n);
      }
    }
    mempool.on_committed(*payload);
    model.on_committed(payload);
    model.drop_stale();
  }
  void step() {
    switch (*rc::gen::inRange(0, 8)) {
      case 0: return propose();
      case 1: return commit();
      case 2: return in_flight.clear();
      case 3: RC_ASSERT(mempool.tick() == model.tick()); return;
      default: return add();
    }
  }
};

TEST(MempoolModel, ActsLikeAPlainList) {
  ASSERT_TRUE(rc::check([] {
    Pair pair;
    for (int left = *rc::gen::inRange(0, 100); left > 0; --left) {
      pair.step();
      RC_ASSERT(pair.mempool.size() == pair.model.size());
      RC_ASSERT(pair.mempool.bytes() == pair.model.bytes());
      RC_ASSERT(pair.mempool.empty() == (pair.model.size() == 0));
      RC_ASSERT(pair.mempool.size() <= kLimits.requests_max);
      RC_ASSERT(pair.mempool.bytes() <= kLimits.bytes_max);
    }
  }));
}

}  // namespace
}  // namespace waggle::smr
