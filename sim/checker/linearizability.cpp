#include "sim/checker/linearizability.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace waggle::sim {
namespace {

using app::KvStatus;

/// The number of a value, so that a search copies and compares numbers. 0: the key holds none.
using ValueId = std::uint32_t;

class Values {
 public:
  ValueId of(const KvState& state) {
    if (!state) return 0;
    const auto [at, fresh] = ids_.emplace(*state, static_cast<ValueId>(values_.size()));
    if (fresh) values_.push_back({*state, app::parse_decimal(*state)});
    return at->second;
  }
  const KvState& state(ValueId id) const { return values_[id].state; }
  std::optional<std::int64_t> number(ValueId id) const { return values_[id].number; }

 private:
  struct Value {
    KvState state;
    std::optional<std::int64_t> number;  ///< That it is the decimal form of; absent counts as 0.
  };
  std::map<Bytes, ValueId> ids_;
  std::vector<Value> values_ = {{std::nullopt, 0}};
};

/// What an operation was, and what it was answered.
struct Operation {
  std::size_t kind = 0;    ///< Index in KvCommand.
  ValueId expected = 0;    ///< Of cas.
  ValueId value = 0;       ///< Of put and cas.
  std::int64_t delta = 0;  ///< Of increment.
  bool answered = false;
  KvStatus status = KvStatus::kOk;
  ValueId shown = 0;
  bool odd = false;  ///< The answer has what only a scan's may have.
};

Operation in_numbers(const KvOperation& operation, Values& values) {
  Operation one;
  one.kind = operation.command.index();
  if (const auto* put = std::get_if<app::KvPut>(&operation.command)) {
    one.value = values.of(put->value);
  } else if (const auto* cas = std::get_if<app::KvCas>(&operation.command)) {
    one.expected = values.of(cas->expected);
    one.value = values.of(cas->value);
  } else if (const auto* add = std::get_if<app::KvIncrement>(&operation.command)) {
    one.delta = add->delta;
  }
  one.answered = operation.answered.has_value();
  one.status = operation.result.status;
  one.shown = values.of(operation.result.value);
  one.odd = !operation.result.entries.empty() || operation.result.more;
  return one;
}

struct Effect {
  ValueId after;
  KvStatus status = KvStatus::kOk;
  ValueId shown = 0;
};

/// What an operation does to a key, written anew: nothing of the store judges the store.
Effect effect_of(const Operation& operation, ValueId state, Values& values) {
  switch (operation.kind) {
    case 0: return {state, state == 0 ? KvStatus::kNotFound : KvStatus::kOk, state};  // get
    case 1: return {operation.value};                                                 // put
    case 2: return {0, state == 0 ? KvStatus::kNotFound : KvStatus::kOk};             // delete
    case 3:                                                                           // cas
      if (state != operation.expected) return {state, KvStatus::kMismatch, state};
      return {operation.value};
    case 4: {  // increment
      const auto number = values.number(state);
      if (!number) return {state, KvStatus::kNotANumber};
      std::int64_t sum = 0;
      if (__builtin_add_overflow(*number, operation.delta, &sum)) {
        return {state, KvStatus::kOverflow};
      }
      const ValueId after = values.of(to_bytes(std::to_string(sum)));
      return {after, KvStatus::kOk, after};
    }
    default: return {state, KvStatus::kMalformed};
  }
}

/// A set of open operations, by their slots.
class Slots {
 public:
  static constexpr std::size_t kMax = 512;
  bool has(std::size_t slot) const { return (bits_[slot / 64] >> slot % 64 & 1) != 0; }
  void insert(std::size_t slot) { bits_[slot / 64] |= std::uint64_t{1} << slot % 64; }
  void erase(std::size_t slot) { bits_[slot / 64] &= ~(std::uint64_t{1} << slot % 64); }
  friend auto operator<=>(const Slots&, const Slots&) = default;

 private:
  std::array<std::uint64_t, kMax / 64> bits_{};
};

/// Open operations that are in order already, and the value that this order leaves.
struct Configuration {
  ValueId state = 0;
  Slots done;
  friend auto operator<=>(const Configuration&, const Configuration&) = default;
};

class Search {
 public:
  Search(const std::vector<KvOperation>& history, const std::set<KvState>& before,
         std::size_t configurations_max)
      : history_(history), configurations_max_(configurations_max) {
    for (const KvState& state : before) configurations_.insert({values_.of(state), {}});
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
        if (!open(moment.operation)) return {Linearization::Verdict::kUnknown, {}, 0};
        continue;
      }
      const std::size_t slot = slots_.extract(moment.operation).mapped();
      if (!order(slot)) return {Linearization::Verdict::kUnknown, {}, 0};
      if (configurations_.empty()) return {Linearization::Verdict::kNo, {}, moment.operation};
      open_[slot].reset();
    }
    return finish();
  }

 private:
  /// False: no slot is free.
  bool open(std::size_t operation) {
    const auto free = std::find_if(open_.begin(), open_.end(),
                                   [](const auto& slot) { return !slot.has_value(); });
    if (free == open_.end() && open_.size() == Slots::kMax) return false;
    slots_.emplace(operation, static_cast<std::size_t>(free - open_.begin()));
    const Operation one = in_numbers(history_[operation], values_);
    if (free == open_.end()) {
      open_.emplace_back(one);
    } else {
      *free = one;
    }
    return true;
  }

  /// Keeps the configurations in which the operation is in order, and takes it out of them. False:
  /// too many to look at.
  bool order(std::size_t slot) {
    std::set<Configuration> kept;
    if (!explore([&](const Configuration& seen) {
          if (!seen.done.has(slot)) return true;
          Configuration settled = seen;
          settled.done.erase(slot);
          kept.insert(settled);
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
  bool explore(const Visit& visit) {
    std::vector<Configuration> waiting(configurations_.begin(), configurations_.end());
    std::set<Configuration> seen = configurations_;
    while (!waiting.empty()) {
      const Configuration at = waiting.back();
      waiting.pop_back();
      if (!visit(at)) continue;
      for (std::size_t next = 0; next < open_.size(); ++next) {
        const std::optional<Operation>& operation = open_[next];
        if (!operation || at.done.has(next)) continue;
        const Effect effect = effect_of(*operation, at.state, values_);
        const bool explained = effect.status == operation->status &&
                               effect.shown == operation->shown && !operation->odd;
        if (operation->answered && !explained) continue;
        Configuration after{effect.after, at.done};
        after.done.insert(next);
        if (seen.size() >= configurations_max_) return false;
        if (seen.insert(after).second) waiting.push_back(after);
      }
    }
    return true;
  }

  Linearization finish() {
    Linearization result;
    const bool complete = explore([&](const Configuration& seen) {
      result.states.insert(values_.state(seen.state));
      return true;
    });
    if (!complete) return {Linearization::Verdict::kUnknown, {}, 0};
    return result;
  }

  const std::vector<KvOperation>& history_;
  const std::size_t configurations_max_;
  Values values_;
  std::map<std::size_t, std::size_t> slots_;    ///< Of open operations.
  std::vector<std::optional<Operation>> open_;  ///< By slot.
  std::set<Configuration> configurations_;
};

}  // namespace

Linearization linearize(const std::vector<KvOperation>& history, const std::set<KvState>& before,
                        std::size_t configurations_max) {
  return Search(history, before, configurations_max).run();
}

}  // namespace waggle::sim
