#include "sim/rounds/blockers.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

namespace waggle::sim::rounds {
namespace {

std::uint32_t count_of(Share share, std::uint32_t n) {
  return static_cast<std::uint32_t>(std::uint64_t{n} * share.ppm / 1'000'000);
}

/// Blocks `count` servers, uniformly drawn.
void block_some(std::uint32_t count, Random& random, Blocking& out) {
  const std::uint64_t n = out.blocked.size();
  for (std::uint64_t left = std::min<std::uint64_t>(count, n); left > 0;) {
    std::uint8_t& mark = out.blocked[random.below(n)];
    if (mark != 0) {
      if (std::find(out.blocked.begin(), out.blocked.end(), 0) == out.blocked.end()) return;
      continue;
    }
    mark = 1;
    --left;
  }
}

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

class Fresh final : public Blocker {
 public:
  explicit Fresh(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    block_some(count_of(share_, sight.n), random, out);
  }

 private:
  Share share_;
};

class Permanent final : public Blocker {
 public:
  explicit Permanent(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (set_.blocked.empty()) {
      set_.blocked.resize(sight.n);
      block_some(count_of(share_, sight.n), random, set_);
    }
    for (std::uint32_t i = 0; i < sight.n; ++i) out.blocked[i] |= set_.blocked[i];
  }

 private:
  Share share_;
  Blocking set_;
};

struct Span {
  Round from = 0;
  Round rounds = 0;
  bool contains(Round round) const { return round >= from && round - from < rounds; }
};

class Surge final : public Blocker {
 public:
  explicit Surge(Span span) : span_(span) {}
  void block(const Sight& sight, Random&, Blocking& out) override {
    if (span_.contains(sight.round)) out.blocked.assign(sight.n, 1);
  }

 private:
  Span span_;
};

class Partition final : public Blocker {
 public:
  explicit Partition(Span span) : span_(span) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (side_.empty()) {
      for (std::uint32_t i = 0; i < sight.n; ++i) {
        side_.push_back(static_cast<std::uint8_t>(random.below(2)));
      }
    }
    if (span_.contains(sight.round)) out.side = side_;
  }

 private:
  Span span_;
  std::vector<std::uint8_t> side_;
};

/// Spells of eight rounds on average, in which a server is blocked throughout.
class Flapping final : public Blocker {
 public:
  explicit Flapping(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (down_.empty()) {
      for (std::uint32_t i = 0; i < sight.n; ++i) down_.push_back(random.chance(share_) ? 1 : 0);
    }
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      // Redrawn now and then, so that the share holds at any time.
      if (random.below(8) == 0) down_[i] = random.chance(share_) ? 1 : 0;
      out.blocked[i] |= down_[i];
    }
  }

 private:
  Share share_;
  std::vector<std::uint8_t> down_;
};

class Lossy final : public Blocker {
 public:
  explicit Lossy(Share share) : share_(share) {}
  void block(const Sight&, Random& random, Blocking& out) override {
    out.lost = share_;
    out.salt = random.next();
  }

 private:
  Share share_;
};

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
    if (!sight.progress.empty()) {
      block_largest(count_of(share_, sight.n), sight.progress, random, out);
    }
  }

 private:
  Share share_;
};

/// Of the two most frequent values, blocks as many holders of the first as it has more.
class Balance final : public Blocker {
 public:
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (sight.values.empty()) return;
    std::vector<std::uint64_t> held;
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      if (sight.holds[i] != 0) held.push_back(sight.values[i]);
    }
    std::sort(held.begin(), held.end());
    std::size_t first = 0;
    std::size_t second = 0;
    std::uint64_t majority = 0;
    for (auto at = held.begin(); at != held.end();) {
      const auto next = std::upper_bound(at, held.end(), *at);
      const auto count = static_cast<std::size_t>(next - at);
      if (count > first) {
        second = std::exchange(first, count);
        majority = *at;
      } else {
        second = std::max(second, count);
      }
      at = next;
    }
    if (second == 0) return;  // nothing left to keep in balance
    std::vector<std::uint64_t> key(sight.n);
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      key[i] = sight.holds[i] != 0 && sight.values[i] == majority ? 1 : 0;
    }
    block_largest(static_cast<std::uint32_t>(first - second), key, random, out);
  }
};

class Several final : public Blocker {
 public:
  explicit Several(std::vector<std::unique_ptr<Blocker>> parts) : parts_(std::move(parts)) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    for (const auto& part : parts_) part->block(sight, random, out);
  }

 private:
  std::vector<std::unique_ptr<Blocker>> parts_;
};

class Nobody final : public Blocker {
 public:
  void block(const Sight&, Random&, Blocking&) override {}
};

constexpr Strategy kStrategies[] = {
    {"none", "", "nobody is blocked"},
    {"fresh", ":SHARE", "that share of servers, drawn anew in each round"},
    {"permanent", ":SHARE", "that share, drawn once"},
    {"flapping", ":SHARE", "that share at any time, each for eight rounds on average"},
    {"surge", ":FROM+ROUNDS", "everybody, for that many rounds"},
    {"partition", ":FROM+ROUNDS", "two halves that do not hear each other, for that many rounds"},
    {"lossy", ":SHARE",
     "nobody, but of all ways from one server to another that share is cut, anew in each round"},
    {"acted", ":SHARE", "those who answered most requests in the round before"},
    {"ahead", ":SHARE", "those who have committed most"},
    {"balance", "", "the surplus of the most frequent value, so that two stay in balance"},
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// "10%" or "0.5%".
std::optional<Share> share(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  const std::size_t dot = text.find('.');
  const auto whole = number(text.substr(0, dot));
  std::uint64_t fraction = 0;
  if (dot != std::string_view::npos) {
    const auto digits = number(text.substr(dot + 1));
    if (!digits || text.size() - dot != 2) return std::nullopt;
    fraction = *digits;
  }
  if (!whole || *whole > 100 || *whole * 10 + fraction > 1000) return std::nullopt;
  return permille(*whole * 10 + fraction);
}

/// "40+25": 25 rounds from round 40 on.
std::optional<Span> span(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus == std::string_view::npos) return std::nullopt;
  const auto from = number(text.substr(0, plus));
  const auto rounds = number(text.substr(plus + 1));
  if (!from || !rounds) return std::nullopt;
  return Span{*from, *rounds};
}

using Made = std::unique_ptr<Blocker>;

Made with_share(std::string_view name, Share share) {
  if (name == "fresh") return std::make_unique<Fresh>(share);
  if (name == "permanent") return std::make_unique<Permanent>(share);
  if (name == "flapping") return std::make_unique<Flapping>(share);
  if (name == "lossy") return std::make_unique<Lossy>(share);
  if (name == "acted") return std::make_unique<Acted>(share);
  return std::make_unique<Ahead>(share);
}

Result<Made, std::string> make_one(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto* found = std::find_if(std::begin(kStrategies), std::end(kStrategies),
                                   [name](const Strategy& s) { return s.name == name; });
  if (found == std::end(kStrategies)) {
    return Unexpected{"no blocking strategy is called " + std::string(name)};
  }
  const std::string usage = std::string(name) + std::string(found->arguments);
  if (found->arguments.empty()) {
    if (colon != std::string_view::npos) return Unexpected{"it is written " + usage};
    return name == "balance" ? Made(std::make_unique<Balance>()) : Made(std::make_unique<Nobody>());
  }
  if (found->arguments == ":SHARE") {
    const auto given = share(rest);
    if (!given) return Unexpected{"it is written " + usage + ", SHARE being like 12.5%"};
    return with_share(name, *given);
  }
  const auto given = span(rest);
  if (!given) return Unexpected{"it is written " + usage + ", both in rounds"};
  return name == "surge" ? Made(std::make_unique<Surge>(*given))
                         : Made(std::make_unique<Partition>(*given));
}

}  // namespace

std::span<const Strategy> strategies() { return kStrategies; }

Result<std::unique_ptr<Blocker>, std::string> make_blocker(std::string_view text) {
  std::vector<Made> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    auto part = make_one(text.substr(0, comma));
    if (!part) return Unexpected{part.error()};
    parts.push_back(std::move(*part));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return Made(std::make_unique<Several>(std::move(parts)));
}

}  // namespace waggle::sim::rounds
