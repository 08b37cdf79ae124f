// Adversaries that look at what happened up to the round before (1-late).
#include <algorithm>
#include <functional>
#include <numeric>

#include "sim/rounds/blocker_kinds.hpp"

namespace waggle::sim::rounds {
namespace {

/// Blocks the `count` servers with the largest key above 0; ties are drawn.
void block_largest(std::uint32_t count, std::span<const std::uint64_t> key, Random& random,
                   Blocking& out) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  std::vector<std::uint32_t> servers(key.size());
  std::iota(servers.begin(), servers.end(), 0u);
  for (std::size_t i = servers.size(); i > 1; --i) {
    std::swap(servers[i - 1], servers[random.below(i)]);
  }
  for (const std::uint32_t server : servers) order.emplace_back(key[server], server);
  const auto larger = [](const auto& a, const auto& b) { return a.first > b.first; };
  std::stable_sort(order.begin(), order.end(), larger);
  for (const auto& [value, server] : order) {
    if (count == 0 || value == 0) return;
    out.blocked[server] = 1;
    --count;
  }
}

/// The two most frequent of some words.
struct Frequent {
  std::uint64_t first = 0;
  std::size_t first_count = 0;
  std::size_t second_count = 0;
};
Frequent most_frequent(std::vector<std::uint64_t> words) {
  std::sort(words.begin(), words.end());
  Frequent result;
  for (auto at = words.begin(); at != words.end();) {
    const auto next = std::upper_bound(at, words.end(), *at);
    const auto count = static_cast<std::size_t>(next - at);
    if (count > result.first_count) {
      result.second_count = std::exchange(result.first_count, count);
      result.first = *at;
    } else {
      result.second_count = std::max(result.second_count, count);
    }
    at = next;
  }
  return result;
}

/// Walks along the log of the majority: at each place the entry that most of those hold whose logs
/// agree so far. Ends where `stop` says so, or where fewer than two servers are left.
/// `stop(members, entries)`: the servers, and what each of them holds there.
using Stop =
    std::function<bool(const std::vector<std::uint32_t>& members, const Frequent& entries)>;
median::Log walk_majority(const Sight& sight, const Stop& stop) {
  median::Log log;
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < sight.logs.size(); ++i) {
    if (sight.holds[i] != 0) members.push_back(i);
  }
  while (true) {
    const std::size_t at = log.size();
    std::erase_if(members, [&](std::uint32_t i) { return sight.logs[i].size() <= at; });
    if (members.size() < 2) return log;
    std::vector<std::uint64_t> words;
    for (const std::uint32_t i : members) words.push_back(sight.logs[i][at].word());
    const Frequent entries = most_frequent(std::move(words));
    if (stop(members, entries)) return log;
    std::erase_if(members,
                  [&](std::uint32_t i) { return sight.logs[i][at].word() != entries.first; });
    log.push_back(sight.logs[members.front()][at]);
  }
}

class Acted final : public Blocker {
 public:
  explicit Acted(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    const std::vector<std::uint64_t> key(sight.answered.begin(), sight.answered.end());
    block_largest(count_of(share_, sight.n), key, random, out);
  }

 private:
  Share share_;
};

class Ahead final : public Blocker {
 public:
  explicit Ahead(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    block_largest(count_of(share_, sight.n), sight.committed, random, out);
  }

 private:
  Share share_;
};

class Newest final : public Blocker {
 public:
  explicit Newest(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    block_largest(count_of(share_, sight.n), sight.checkpoint, random, out);
  }

 private:
  Share share_;
};

/// A log is as far from the majority's as there are entries behind the place where they part.
class Outliers final : public Blocker {
 public:
  explicit Outliers(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    const auto never = [](const auto&, const auto&) { return false; };
    const median::Log majority = walk_majority(sight, never);
    std::vector<std::uint64_t> key(sight.logs.size());
    for (std::uint32_t i = 0; i < key.size(); ++i) {
      if (sight.holds[i] == 0) continue;
      const std::size_t common = median::common_prefix(sight.logs[i], majority);
      key[i] = sight.logs[i].size() + majority.size() - 2 * common;
    }
    block_largest(count_of(share_, sight.n), key, random, out);
  }

 private:
  Share share_;
};

class TargetedClient final : public Blocker {
 public:
  explicit TargetedClient(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (!sight.target) return;
    std::vector<std::uint64_t> key(sight.n);
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      const median::LogView log = sight.logs[i];
      const bool has = median::position_of(log, *sight.target) < log.size();
      key[i] = (sight.reached[i] != 0 ? 2u : 0u) + (has ? 1u : 0u);
    }
    block_largest(count_of(share_, sight.n), key, random, out);
  }

 private:
  Share share_;
};

/// Of the two most frequent values, blocks as many holders of the first as it has more.
class Balance final : public Blocker {
 public:
  void block(const Sight& sight, Random& random, Blocking& out) override {
    std::vector<std::uint64_t> held;
    for (std::uint32_t i = 0; i < sight.values.size(); ++i) {
      if (sight.holds[i] != 0) held.push_back(sight.values[i]);
    }
    const Frequent values = most_frequent(std::move(held));
    if (values.second_count == 0) return;  // nothing left to keep in balance
    std::vector<std::uint64_t> key(sight.n);
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      key[i] = sight.holds[i] != 0 && sight.values[i] == values.first ? 1 : 0;
    }
    const std::size_t surplus = values.first_count - values.second_count;
    block_largest(static_cast<std::uint32_t>(surplus), key, random, out);
  }
};

/// The same for logs, at the first place where the share is enough to keep the two most frequent
/// entries in balance: so those in front are settled, and a balance once found is kept.
class Tie final : public Blocker {
 public:
  explicit Tie(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    const std::size_t affordable = count_of(share_, sight.n);
    std::vector<std::uint64_t> key(sight.logs.size());
    std::size_t surplus = 0;
    std::size_t at = 0;
    walk_majority(sight, [&](const auto& members, const Frequent& entries) {
      surplus = entries.first_count - entries.second_count;
      const bool tied = entries.second_count > 0 && surplus <= affordable;
      for (const std::uint32_t i : members) {
        key[i] = tied && sight.logs[i][at].word() == entries.first ? 1 : 0;
      }
      ++at;
      return tied;
    });
    block_largest(static_cast<std::uint32_t>(surplus), key, random, out);
  }

 private:
  Share share_;
};

}  // namespace

Made make_acted(Share share) { return std::make_unique<Acted>(share); }
Made make_ahead(Share share) { return std::make_unique<Ahead>(share); }
Made make_newest(Share share) { return std::make_unique<Newest>(share); }
Made make_outliers(Share share) { return std::make_unique<Outliers>(share); }
Made make_client(Share share) { return std::make_unique<TargetedClient>(share); }
Made make_balance() { return std::make_unique<Balance>(); }
Made make_tie(Share share) { return std::make_unique<Tie>(share); }

}  // namespace waggle::sim::rounds
