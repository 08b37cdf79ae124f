// Adversaries that look at nothing but the round's number and their own memory.
#include <algorithm>

#include "sim/rounds/blocker_kinds.hpp"

namespace waggle::sim::rounds {
namespace {

/// Blocks `count` servers, uniformly drawn from those that are not blocked.
void block_some(std::uint32_t count, Random& random, Blocking& out) {
  const std::uint64_t n = out.blocked.size();
  const auto open =
      static_cast<std::uint64_t>(std::count(out.blocked.begin(), out.blocked.end(), 0));
  for (std::uint64_t left = std::min<std::uint64_t>(count, open); left > 0;) {
    std::uint8_t& mark = out.blocked[random.below(n)];
    if (mark != 0) continue;
    mark = 1;
    --left;
  }
}

class Nobody final : public Blocker {
 public:
  void block(const Sight&, Random&, Blocking&) override {}
};

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

/// Spells of so many rounds on average, in which a server is blocked throughout.
class Flapping final : public Blocker {
 public:
  Flapping(Share share, Round spell) : share_(share), spell_(std::max<Round>(spell, 1)) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (down_.empty()) {
      for (std::uint32_t i = 0; i < sight.n; ++i) down_.push_back(random.chance(share_) ? 1 : 0);
    }
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      // Redrawn now and then, so that the share holds at any time.
      if (random.below(spell_) == 0) down_[i] = random.chance(share_) ? 1 : 0;
      out.blocked[i] |= down_[i];
    }
  }

 private:
  Share share_;
  Round spell_;
  std::vector<std::uint8_t> down_;
};

class OneServer final : public Blocker {
 public:
  explicit OneServer(std::uint32_t server) : server_(server) {}
  void block(const Sight& sight, Random&, Blocking& out) override {
    if (server_ < sight.n) out.blocked[server_] = 1;
  }

 private:
  std::uint32_t server_;
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

/// The same two sides as long as it lasts.
class Partition final : public Blocker {
 public:
  explicit Partition(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (side_.blocked.empty()) {
      side_.blocked.resize(sight.n);
      block_some(count_of(share_, sight.n), random, side_);
    }
    out.side.resize(sight.n);
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      // Of several partitions each cuts through the sides of the others.
      out.side[i] = static_cast<std::uint8_t>(2 * out.side[i] + side_.blocked[i]);
    }
  }

 private:
  Share share_;
  Blocking side_;
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

class Restart final : public Blocker {
 public:
  explicit Restart(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      if (random.chance(share_)) out.restarts.push_back(i);
    }
  }

 private:
  Share share_;
};

/// One server at a time, so that fewer than a majority have lost their memory (8.7): the next one
/// long after.
class Loss final : public Blocker {
 public:
  explicit Loss(Share share) : share_(share) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    if (sight.round < next_ || !random.chance(share_)) return;
    out.losses.push_back(static_cast<std::uint32_t>(random.below(sight.n)));
    next_ = sight.round + kApart;
  }

 private:
  static constexpr Round kApart = 100;
  Share share_;
  Round next_ = 0;
};

/// In each round so many of the servers that are up fall asleep, for some rounds; then they may
/// restart.
class Sleep final : public Blocker {
 public:
  Sleep(Share share, Round down, bool restarts)
      : share_(share), down_(std::max<Round>(down, 1)), restarts_(restarts) {}
  void block(const Sight& sight, Random& random, Blocking& out) override {
    back_.resize(sight.n, 0);
    for (std::uint32_t i = 0; i < sight.n; ++i) {
      if (back_[i] != 0 && back_[i] <= sight.round) {
        back_[i] = 0;
        if (restarts_) out.restarts.push_back(i);
      } else if (back_[i] == 0 && random.chance(share_)) {
        back_[i] = sight.round + down_;
      }
      if (back_[i] != 0) out.blocked[i] = out.asleep[i] = 1;
    }
  }

 private:
  Share share_;
  Round down_;
  bool restarts_;
  std::vector<Round> back_;  ///< By server: the round in which it is back; 0: it is up.
};

}  // namespace

std::uint32_t count_of(Share share, std::uint32_t n) {
  return static_cast<std::uint32_t>(std::uint64_t{n} * share.ppm / 1'000'000);
}

Made make_nobody() { return std::make_unique<Nobody>(); }
Made make_fresh(Share share) { return std::make_unique<Fresh>(share); }
Made make_permanent(Share share) { return std::make_unique<Permanent>(share); }
Made make_flapping(Share share, Round spell) { return std::make_unique<Flapping>(share, spell); }
Made make_server(std::uint32_t server) { return std::make_unique<OneServer>(server); }
Made make_surge(Span span) { return std::make_unique<Surge>(span); }
Made make_partition(Share share) { return std::make_unique<Partition>(share); }
Made make_lossy(Share share) { return std::make_unique<Lossy>(share); }
Made make_restart(Share share) { return std::make_unique<Restart>(share); }
Made make_loss(Share share) { return std::make_unique<Loss>(share); }
Made make_pause(Share share, Round down) { return std::make_unique<Sleep>(share, down, false); }
Made make_crash(Share share, Round down) { return std::make_unique<Sleep>(share, down, true); }

}  // namespace waggle::sim::rounds
