#include "sim/explore/draw_rounds.hpp"

#include <algorithm>
#include <array>

namespace waggle::sim {
namespace {

using rounds::LogRun;
using rounds::Round;

/// One of the values, each as likely as it is often there.
template <class T>
T one_of(Random& random, std::initializer_list<T> values) {
  return *(values.begin() + random.below(values.size()));
}

std::string percent(std::uint64_t value) { return std::to_string(value) + "%"; }

/// Mostly few, since runs of many are slow and show little that few do not.
std::uint32_t draw_n(Random& random) {
  const std::uint64_t kind = random.below(1000);
  const auto between = [&random](std::uint64_t from, std::uint64_t to) {
    return static_cast<std::uint32_t>(random.between(from, to));
  };
  if (kind < 600) return between(4, 10);
  if (kind < 880) return between(11, 32);
  if (kind < 978) return between(33, 80);  // from here on servers draw whom they ask
  if (kind < 997) return between(81, 256);
  return one_of(random, {512u, 1024u});
}

/// Rounds that are long enough for what goes by windows, and few where there are many servers.
struct Length {
  Round disturbed = 0;
  Round calm = 0;
};

class Drawer {
 public:
  /// What is drawn here has nothing to do with the chance of the run.
  Drawer(const DrawRoundsOptions& options, std::uint64_t seed) : random_(~seed) {
    run_.options.rule = rounds::LogRule::kSealed;
    run_.without = options.without;
    run_.options.seed = seed;
    run_.options.parameters.n =
        options.n > 0 ? options.n : std::min(draw_n(random_), options.n_max);
  }

  LogRun draw() {
    draw_parameters();
    draw_load();
    const Length length = draw_length();
    run_.rounds = length.disturbed + length.calm;
    run_.options.calm = length.disturbed;
    run_.options.bound = bound();
    run_.options.load_until = length.disturbed + random_.below(20);
    run_.block = draw_adversary(length.disturbed);
    return run_;
  }

 private:
  bool one_in(std::uint64_t count) { return random_.below(count) == 0; }
  bool samples() const { return !run_.options.parameters.asks_everyone(); }

  void draw_parameters() {
    median::Parameters& p = run_.options.parameters;
    if (samples()) {
      if (one_in(4))
        std::tie(p.k, p.l) =
            one_of<std::pair<std::uint32_t, std::uint32_t>>(random_, {{5, 3}, {8, 3}, {10, 5}});
      p.T = static_cast<std::uint32_t>(random_.between(6, 16));
      p.B = static_cast<std::uint32_t>(random_.between(10, 18));
    } else {
      hurried_ = one_in(2);
      p.T = static_cast<std::uint32_t>(hurried_ ? random_.between(1, 2) : random_.between(1, 12));
      p.B = static_cast<std::uint32_t>(hurried_ ? random_.between(2, 3) : random_.between(4, 16));
    }
  }

  void draw_load() {
    run_.options.load = static_cast<std::uint32_t>(random_.between(1, 4));
    if (one_in(4)) run_.options.doubling = permille(200);
  }

  Length draw_length() {
    const std::uint32_t window = run_.options.parameters.B;
    const Round most = run_.options.parameters.n > 256 ? 40 : 120;
    return {random_.between(2 * window, std::max<Round>(2 * window, most)), bound() + 25};
  }

  /// Rounds in which everything must be acknowledged once it is calm.
  Round bound() const {
    const median::Parameters& p = run_.options.parameters;
    return p.T + 5 * p.B + 30;
  }

  std::string draw_adversary(Round until) {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ",") + part; };
    if (hurried_) {
      const std::string span = "@0+" + std::to_string(until);
      add("lossy:" + percent(random_.between(30, 75)) + span);
      if (!one_in(4)) add(draw_outage(random_.between(2, 25)) + span);
    }
    const std::uint64_t parts = one_of<std::uint64_t>(random_, {1, 1, 2, 2, 3});
    for (std::uint64_t i = hurried_ ? 1 : 0; i < parts; ++i) add(draw_part(until));
    // What stays when it is calm. Windows of two rounds come to a stop with many blocked for good.
    if (!hurried_ && one_in(3)) {
      add(one_of<std::string>(
          random_, {"fresh:10%", "permanent:20%", "permanent:40%", "flapping:15%", "lossy:10%"}));
    }
    return text;
  }

  /// A strategy that ends in time.
  std::string draw_part(Round until) {
    const Round from = random_.below(until / 2 + 1);
    const Round rounds = random_.between(1, until - from);
    std::string span = std::to_string(from) + "+" + std::to_string(rounds);
    const std::uint64_t share = random_.between(5, 60);
    if (one_in(6)) {  // everybody, once or again and again
      if (one_in(2)) return "surge:" + span;
      const Round every = random_.between(4, 40);
      const Round length = random_.between(1, every / 2);
      // Repeats for ever, so that it has to be held back to the span.
      return "surge:0+" + std::to_string(length) + "/" + std::to_string(every) + "@" + span;
    }
    return draw_strategy(share) + "@" + span;
  }

  std::string draw_strategy(std::uint64_t share) {
    // Twice in the longest run, and fewer than a majority must have lost their memory (8.7).
    if (run_.options.parameters.n >= 5 && one_in(12)) return "loss:" + percent(share);
    const std::string with_share = ":" + percent(share);
    switch (random_.below(14)) {
      case 0: return "fresh" + with_share;
      case 1: return "permanent" + with_share;
      case 2: return "flapping" + with_share + "+" + std::to_string(random_.between(2, 20));
      case 3: return "partition" + with_share;
      case 4:
      case 5: return "lossy:" + percent(random_.between(20, 90));
      case 6:
      case 7:
      case 8: return draw_outage(random_.between(1, 8));
      case 9: return one_of<std::string>(random_, {"acted", "ahead"}) + with_share;
      case 10: return "newest" + with_share;
      case 11: return "outliers" + with_share;
      case 12: return "client" + with_share;
      default: return "tie" + with_share;
    }
  }

  /// Servers that stop or restart; so many per cent in each round.
  std::string draw_outage(std::uint64_t rate) {
    const std::string down =
        percent(rate) + "+" + std::to_string(random_.between(1, hurried_ ? 6 : 25));
    return one_of<std::string>(random_,
                               {"crash:" + down, "pause:" + down, "restart:" + percent(rate)});
  }

  Random random_;
  LogRun run_;
  bool hurried_ = false;  ///< Windows are too short for all to hear of all.
};

}  // namespace

LogRun draw_rounds(const DrawRoundsOptions& options, std::uint64_t seed) {
  return Drawer(options, seed).draw();
}

}  // namespace waggle::sim
