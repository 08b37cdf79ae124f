#include "sim/explore/shrink_rounds.hpp"

#include <algorithm>
#include <utility>

namespace waggle::sim {
namespace {

using rounds::LogRun;

/// Other chance may bring the same out sooner.
constexpr std::uint64_t kOtherSeeds = 12;

/// Steps of servers, then what there is to read. The seed is no part of it.
using Size = std::pair<std::uint64_t, std::size_t>;

Size size_of(LogRun run) {
  run.options.seed = 1;
  return {run.rounds * run.options.parameters.n, rounds::command_of(run).size()};
}

std::vector<std::string> parts_of(const std::string& block) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= block.size();) {
    const std::size_t end = std::min(block.find(',', from), block.size());
    parts.push_back(block.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

/// The adversary without one of its parts.
std::string without_part(const std::vector<std::string>& parts, std::size_t left_out) {
  std::string block;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != left_out) block += (block.empty() ? "" : ",") + parts[i];
  }
  return block.empty() ? "none" : block;
}

/// One alone has nobody to differ from.
void fewer(LogRun& run, std::uint32_t n) { run.options.parameters.n = std::max(n, 2U); }

class Shrinker {
 public:
  Shrinker(ShrunkRounds start, std::uint32_t tries_max)
      : best_(std::move(start)), tries_max_(tries_max) {
    best_.run.rounds = best_.failure.rounds;
  }

  ShrunkRounds shrink() {
    for (Size before{}; before != size_of(best_.run) && best_.tried < tries_max_;) {
      before = size_of(best_.run);
      cut_off_the_end();
      leave_out_parts();
      take_fewer_servers();
      lessen_load();
      leave_out_options();
    }
    return std::move(best_);
  }

 private:
  /// Whether the changed run fails in the same way and is smaller, with some seed.
  template <class Change>
  bool keep(const Change& change) {
    LogRun candidate = best_.run;
    change(candidate);
    const std::uint64_t own = candidate.options.seed;
    for (std::uint64_t seed = 0; seed <= kOtherSeeds; ++seed) {
      candidate.options.seed = seed == 0 ? own : seed;
      if (try_run(candidate)) return true;
    }
    return false;
  }

  bool try_run(LogRun candidate) {
    if (best_.tried >= tries_max_) return false;
    ++best_.tried;
    auto failure = run_rounds_apart(candidate);
    if (!failure || failure->property != best_.failure.property) return false;
    candidate.rounds = failure->rounds;
    if (size_of(candidate) >= size_of(best_.run) || !holds_with_rules(candidate)) return false;
    ++best_.helped;
    failure->command = rounds::command_of(candidate);
    best_.failure = std::move(*failure);
    best_.run = std::move(candidate);
    return true;
  }

  static bool holds_with_rules(LogRun run) {
    if (run.without.empty()) return true;
    run.without.clear();
    return !run_rounds_apart(run);
  }

  /// A run ends with its first violation, unless it died of it.
  void cut_off_the_end() {
    while (keep([](LogRun& run) { run.rounds = run.rounds * 3 / 4; })) {
    }
  }

  void leave_out_parts() {
    for (std::size_t i = 0;; ++i) {
      const auto parts = parts_of(best_.run.block);
      if (i >= parts.size() || best_.run.block == "none") return;
      while (i < parts_of(best_.run.block).size() && best_.run.block != "none" &&
             keep([i](LogRun& run) { run.block = without_part(parts_of(run.block), i); })) {
      }
    }
  }

  void take_fewer_servers() {
    while (keep([](LogRun& run) { fewer(run, run.options.parameters.n / 2); })) {
    }
    while (keep([](LogRun& run) { fewer(run, run.options.parameters.n - 1); })) {
    }
  }

  void lessen_load() {
    while (keep([](LogRun& run) { run.options.load -= run.options.load > 1 ? 1 : 0; })) {
    }
    // Of what is submitted in the end.
    while (keep([](LogRun& run) {
      run.options.load_until = std::min(run.options.load_until, run.rounds) * 3 / 4;
    })) {
    }
  }

  void leave_out_options() {
    keep([](LogRun& run) { run.options.doubling = {}; });
    keep([](LogRun& run) { run.options.audit = false; });
    keep([](LogRun& run) { run.options.load_until = UINT64_MAX; });
    keep([](LogRun& run) {
      run.options.calm = 0;
      run.options.bound = UINT64_MAX;
    });
  }

  ShrunkRounds best_;
  std::uint32_t tries_max_;
};

}  // namespace

std::optional<ShrunkRounds> shrink_rounds(const LogRun& failing, std::uint32_t tries_max) {
  auto failure = run_rounds_apart(failing);
  if (!failure) return std::nullopt;
  return Shrinker({failing, std::move(*failure)}, tries_max).shrink();
}

}  // namespace waggle::sim
