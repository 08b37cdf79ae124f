// Sessions against the same rules written down with plain sets, over random commits, with a
// results store kept as the executor keeps it, reloaded from what was reported as changed.

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/sha256.hpp"
#include "smr/replica/sessions.hpp"
#include "tests/unit/replica/requests.hpp"

namespace waggle::smr {
namespace {

const crypto::Sha256Hasher kHasher;
constexpr std::uint32_t kSessionsMax = 3;
constexpr unsigned kClients = 5;

class Model {
 public:
  Decision admit(const ClientId& client, std::uint64_t number) {
    const Decision decision = check(client, number);
    if (decision != Decision::kExecute) return decision;
    if (!sessions_.contains(client)) {
      sessions_[client].start = floor_ + 1;
      recent_.push_back(client);
    }
    sessions_[client].executed.insert(number);
    recent_.erase(std::find(recent_.begin(), recent_.end(), client));
    recent_.push_back(client);
    if (sessions_.size() > kSessionsMax) {
      floor_ = std::max(floor_, *sessions_[recent_.front()].executed.rbegin());
      sessions_.erase(recent_.front());
      recent_.erase(recent_.begin());
    }
    return decision;
  }

  Decision check(const ClientId& client, std::uint64_t number) const {
    const Session fresh{floor_ + 1, {}};
    const auto found = sessions_.find(client);
    const Session& session = found == sessions_.end() ? fresh : found->second;
    if (number < session.start) return Decision::kExpired;
    if (session.executed.contains(number)) {
      const bool kept = number + kSessionWindow > *session.executed.rbegin();
      return kept ? Decision::kDuplicate : Decision::kExpired;
    }
    return number >= next(session) + kSessionWindow ? Decision::kTooFar : Decision::kExecute;
  }

  std::uint64_t next_number(const ClientId& client) const {
    return sessions_.contains(client) ? next(sessions_.at(client)) : floor_ + 1;
  }
  std::size_t size() const { return sessions_.size(); }

 private:
  struct Session {
    std::uint64_t start = 1;
    std::set<std::uint64_t> executed;
  };
  static std::uint64_t next(const Session& session) {
    std::uint64_t number = session.start;
    while (session.executed.contains(number)) ++number;
    return number;
  }

  std::map<ClientId, Session> sessions_;
  std::vector<ClientId> recent_;  ///< The least recently executed first.
  std::uint64_t floor_ = 0;
};

/// Storage as the executor leaves it after a block.
struct Disk {
  Bytes globals = Writer().u64(0).u64(0).take();
  std::map<ClientId, Bytes> rows;
  std::set<std::pair<ClientId, std::uint64_t>> results;

  void write(const SessionChanges& changes) {
    globals = changes.globals;
    for (const SessionRow& row : changes.rows) rows[row.client] = row.value;
    for (const ClientId& client : changes.evicted) rows.erase(client);
    for (const ResultRange& range : changes.expired) {
      results.erase(results.lower_bound({range.client, range.first}),
                    results.upper_bound({range.client, range.last}));
    }
  }
  Sessions load() const {
    std::vector<SessionRow> sorted;
    for (const auto& [client, value] : rows) sorted.push_back({client, value});
    auto loaded = Sessions::load(kSessionsMax, kHasher, globals, sorted);
    RC_ASSERT(loaded.has_value());
    return *std::move(loaded);
  }
};

/// A run of numbers of one client, placed by the next number that it should use.
struct Step {
  unsigned client;
  std::int64_t offset;
  unsigned count;
  bool block_ends;
};

Step any_step() {
  const auto offset = *rc::gen::oneOf(
      rc::gen::just<std::int64_t>(0), rc::gen::inRange<std::int64_t>(-3, 4),
      rc::gen::inRange<std::int64_t>(-300, 300), rc::gen::inRange<std::int64_t>(253, 258));
  const auto count = *rc::gen::oneOf(rc::gen::just(1u), rc::gen::inRange(1u, 300u));
  return {*rc::gen::inRange(0u, kClients), offset, count, *rc::gen::inRange(0, 3) == 0};
}

std::uint64_t first_number(const Step& step, std::uint64_t next) {
  const auto first = static_cast<std::int64_t>(next) + step.offset;
  return first < 0 ? 0 : static_cast<std::uint64_t>(first);
}

void expect_equal(const Sessions& sessions, const Model& model, std::uint64_t around) {
  RC_ASSERT(sessions.size() == model.size());
  for (unsigned i = 0; i < kClients; ++i) {
    const ClientId client = client_of(i);
    RC_ASSERT(sessions.next_number(client) == model.next_number(client));
    for (const std::uint64_t base : {model.next_number(client), around}) {
      for (std::uint64_t number = base < 260 ? 0 : base - 260; number < base + 260; number += 37) {
        RC_ASSERT(sessions.check(client, number) == model.check(client, number));
      }
    }
  }
}

/// A result is kept for what a retry is answered from, and for little more.
void expect_results_kept(const Sessions& sessions, const Disk& disk) {
  for (const auto& [client, number] : disk.results) {
    const Decision decision = sessions.check(client, number);
    RC_ASSERT(decision == Decision::kDuplicate || decision == Decision::kExpired);
    if (decision == Decision::kDuplicate) continue;
    RC_ASSERT(number + kSessionWindow + kExpiredAtOnce > sessions.highest_executed(client));
  }
  for (unsigned i = 0; i < kClients; ++i) {
    const std::uint64_t highest = sessions.highest_executed(client_of(i));
    for (std::uint64_t back = 0; back < 2 * kSessionWindow && back <= highest; ++back) {
      const bool kept = disk.results.contains({client_of(i), highest - back});
      RC_ASSERT(kept || sessions.check(client_of(i), highest - back) != Decision::kDuplicate);
    }
  }
}

TEST(SessionsModel, DecideLikeThePlainRulesAndSurviveReloads) {
  ASSERT_TRUE(rc::check([] {
    Sessions sessions(kSessionsMax, kHasher);
    Model model;
    Disk disk;
    std::set<std::pair<ClientId, std::uint64_t>> executed;
    for (int left = *rc::gen::inRange(0, 60); left > 0; --left) {
      const Step step = any_step();
      const ClientId client = client_of(step.client);
      const std::uint64_t first = first_number(step, model.next_number(client));
      for (std::uint64_t number = first; number < first + step.count; ++number) {
        RC_ASSERT(sessions.check(client, number) == model.check(client, number));
        const Decision decision = sessions.admit(client, number);
        RC_ASSERT(decision == model.admit(client, number));
        if (decision != Decision::kExecute) continue;
        RC_ASSERT(executed.emplace(client, number).second);  // Once, ever.
        disk.results.emplace(client, number);
      }
      expect_equal(sessions, model, first);
      if (!step.block_ends) continue;
      const Digest before = sessions.digest();
      disk.write(sessions.take_changes());
      expect_results_kept(sessions, disk);
      const Sessions loaded = disk.load();
      RC_ASSERT(sessions.digest() == before);
      RC_ASSERT(loaded.digest() == before);
      if (*rc::gen::arbitrary<bool>()) sessions = loaded;
    }
  }));
}

TEST(SessionsModel, ARequestIsWhatItsCommandsTurnOutToBe) {
  ASSERT_TRUE(rc::check([] {
    Sessions sessions(kSessionsMax, kHasher);
    for (int left = *rc::gen::inRange(0, 20); left > 0; --left) {
      const Step step = any_step();
      const ClientId client = client_of(step.client);
      const std::uint64_t first =
          std::max<std::uint64_t>(1, first_number(step, sessions.next_number(client)));
      const Decision whole = sessions.check(RequestRef{client, first, step.count});
      std::set<Decision> each;
      Sessions trial = sessions;
      for (std::uint64_t number = first; number < first + step.count; ++number) {
        each.insert(trial.check(client, number));
        trial.admit(client, number);
      }
      if (each.contains(Decision::kTooFar)) {
        RC_ASSERT(whole == Decision::kTooFar);
      } else if (each.contains(Decision::kExecute)) {
        RC_ASSERT(whole == Decision::kExecute);
      } else {
        RC_ASSERT(whole ==
                  (each.contains(Decision::kExpired) ? Decision::kExpired : Decision::kDuplicate));
      }
      sessions = trial;
    }
  }));
}

}  // namespace
}  // namespace waggle::smr
