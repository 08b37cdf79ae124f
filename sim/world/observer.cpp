#include "sim/world/observer.hpp"

#include <array>

namespace waggle::sim {

void Observer::reset(Address address, const chained::Core& core) {
  const chained::SafetyRecord& record = core.record();
  address_ = address;
  voted_ = record.last_voted_view;
  timed_out_ = record.last_timeout_view;
  high_qc_ = record.high_qc->view;
  view_ = record.view;
  suspended_ = core.counters().suspended_commits;
}

bool Observer::look(const chained::Core& core, Duration now, Trace& trace) {
  const chained::SafetyRecord& record = core.record();
  const auto note = [&](EventKind kind, View view, const Digest* block, std::string_view name) {
    trace.note(
        now, {.kind = kind, .replica = address_.value, .name = name, .view = view, .block = block});
  };
  if (record.high_qc->view > high_qc_) {
    high_qc_ = record.high_qc->view;
    note(EventKind::kQc, high_qc_, &record.high_qc->block, {});
  }
  if (record.view != view_) {
    static constexpr std::array<std::string_view, 4> kProofs = {"start", "qc", "tc", "timeouts"};
    view_ = record.view;
    const std::size_t proof = record.entry.proof.index();
    if (kProofs.at(proof) == "tc") note(EventKind::kTc, view_.previous(), nullptr, {});
    note(EventKind::kView, view_, nullptr, kProofs.at(proof));
  }
  if (record.last_timeout_view > timed_out_) {
    timed_out_ = record.last_timeout_view;
    note(EventKind::kTimeout, timed_out_, &record.tip.block, {});
  }
  if (record.last_voted_view > voted_) {
    voted_ = record.last_voted_view;
    note(EventKind::kVote, voted_, &record.last_voted_block, {});
  }
  if (core.counters().suspended_commits == suspended_) return false;
  suspended_ = core.counters().suspended_commits;
  trace.note(now, {.kind = EventKind::kSuspend,
                   .replica = address_.value,
                   .block = &core.counters().suspended_last,
                   .count = suspended_});
  return true;
}

}  // namespace waggle::sim
