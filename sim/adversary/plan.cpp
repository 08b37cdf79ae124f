#include "sim/adversary/plan.hpp"

#include <charconv>

namespace waggle::sim {

std::optional<View> heard_view(std::string_view name) {
  if (!name.starts_with('@')) return std::nullopt;
  name.remove_prefix(1);
  View view;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), view.value);
  if (end.ec != std::errc() || end.ptr != name.data() + name.size()) return std::nullopt;
  return view;
}

std::vector<std::string> names_needed(const PlanStep& step) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (name != kGenesisName && name != kInventedName && !heard_view(name)) names.push_back(name);
  };
  const auto add_tc = [&add](const std::vector<PlannedTimeout>& tc) {
    for (const PlannedTimeout& one : tc) {
      if (one.tip) add(one.tip->block);
    }
  };
  if (const auto* block = std::get_if<BlockStep>(&step.what)) {
    add(block->parent);
    add(block->qc.block);
    add_tc(block->tc);
  } else if (const auto* qc = std::get_if<QcStep>(&step.what)) {
    add(qc->qc.block);
  } else if (const auto* tc = std::get_if<TcStep>(&step.what)) {
    add_tc(tc->tc);
  } else if (const auto* timeout = std::get_if<TimeoutStep>(&step.what)) {
    add(timeout->tip.block);
  } else {
    add(std::get<VoteStep>(step.what).block);
  }
  return names;
}

}  // namespace waggle::sim
