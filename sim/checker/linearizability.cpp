#include "sim/checker/linearizability.hpp"

#include <algorithm>
#include <limits>

namespace waggle::sim {
namespace {

using app::KvResult;
using app::KvStatus;

/// What an operation does to a key, written anew: nothing of the store judges the store.
struct Model {
  KvState& state;

  KvResult operator()(const app::KvGet&) const {
    if (!state) return {.status = KvStatus::kNotFound};
    return {.value = state};
  }
  KvResult operator()(const app::KvPut& put) const {
    state = put.value;
    return {};
  }
  KvResult operator()(const app::KvDelete&) const {
    if (!state) return {.status = KvStatus::kNotFound};
    state.reset();
    return {};
  }
  KvResult operator()(const app::KvCas& cas) const {
    if (state != cas.expected) return {.status = KvStatus::kMismatch, .value = state};
    state = cas.value;
    return {};
  }
  KvResult operator()(const app::KvIncrement& increment) const {
    const auto number = state ? app::parse_decimal(*state) : std::optional<std::int64_t>(0);
    if (!number) return {.status = KvStatus::kNotANumber};
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*number, increment.delta, &sum)) {
      return {.status = KvStatus::kOverflow};
    }
    state = to_bytes(std::to_string(sum));
    return {.value = state};
  }
  KvResult operator()(const app::KvScan&) const { return {.status = KvStatus::kMalformed}; }
};

/// Open operations that are in order already, and the value that this order leaves.
struct Configuration {
  std::vector<std::size_t> done;  ///< Rising.
  KvState state;
  friend auto operator<=>(const Configuration&, const Configuration&) = default;

  bool has(std::size_t operation) const {
    return std::binary_search(done.begin(), done.end(), operation);
  }
};

class Search {
 public:
  Search(const std::vector<KvOperation>& history, const std::set<KvState>& before,
         std::size_t configurations_max)
      : history_(history), configurations_max_(configurations_max) {
    for (const KvState& state : before) configurations_.insert({{}, state});
  }

  Linearization run() {
    struct Moment {
      std::uint64_t at;
      std::size_t operation;
      bool answer;
    };
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      moments.push_back({history_[i].asked, i, false});
      if (history_[i].answered) moments.push_back({*history_[i].answered, i, true});
    }
    std::sort(moments.begin(), moments.end(),
              [](const Moment& a, const Moment& b) { return a.at < b.at; });
    for (const Moment& moment : moments) {
      if (!moment.answer) {
        open_.insert(moment.operation);
        continue;
      }
      if (!order(moment.operation)) return {Linearization::Verdict::kUnknown, {}, 0};
      if (configurations_.empty()) return {Linearization::Verdict::kNo, {}, moment.operation};
      open_.erase(moment.operation);
    }
    return finish();
  }

 private:
  /// Keeps the configurations in which `operation` is in order, and takes it out of them. False:
  /// too many to look at.
  bool order(std::size_t operation) {
    std::set<Configuration> kept;
    if (!explore([&](const Configuration& seen) {
          if (!seen.has(operation)) return true;
          Configuration settled = seen;
          std::erase(settled.done, operation);
          kept.insert(std::move(settled));
          return false;
        })) {
      return false;
    }
    configurations_ = std::move(kept);
    return true;
  }

  /// Visits all configurations and what follows from them by putting open operations in order;
  /// behind one for which `visit` is false it does not look. False: too many.
  template <class Visit>
  bool explore(const Visit& visit) const {
    std::vector<Configuration> waiting(configurations_.begin(), configurations_.end());
    std::set<Configuration> seen = configurations_;
    while (!waiting.empty()) {
      const Configuration at = std::move(waiting.back());
      waiting.pop_back();
      if (!visit(at)) continue;
      for (const std::size_t next : open_) {
        if (at.has(next)) continue;
        Configuration after = at;
        const KvResult result = std::visit(Model{after.state}, history_[next].command);
        if (history_[next].answered && result != history_[next].result) continue;
        after.done.insert(std::upper_bound(after.done.begin(), after.done.end(), next), next);
        if (seen.size() >= configurations_max_) return false;
        if (seen.insert(after).second) waiting.push_back(std::move(after));
      }
    }
    return true;
  }

  Linearization finish() const {
    Linearization result;
    const bool complete = explore([&result](const Configuration& seen) {
      result.states.insert(seen.state);
      return true;
    });
    if (!complete) return {Linearization::Verdict::kUnknown, {}, 0};
    return result;
  }

  const std::vector<KvOperation>& history_;
  const std::size_t configurations_max_;
  std::set<std::size_t> open_;
  std::set<Configuration> configurations_;
};

}  // namespace

Linearization linearize(const std::vector<KvOperation>& history, const std::set<KvState>& before,
                        std::size_t configurations_max) {
  return Search(history, before, configurations_max).run();
}

}  // namespace waggle::sim
