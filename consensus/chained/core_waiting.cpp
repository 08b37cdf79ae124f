#include "consensus/chained/core.hpp"

namespace waggle::chained {

Core::Waiting Core::waiting() const {
  Waiting waiting;
  const SafetyRecord& record = safety_.record();
  for (const Timeout& timeout : timeouts_.of(view())) waiting.gave_up.push_back(timeout.sender);
  waiting.fetching = !fetcher_.idle();
  const Node* suspended = tree_.find(counters_.suspended_last);
  if (suspended != nullptr && suspended->height() > tree_.head()->height()) {
    waiting.suspended = suspended->height();
  }
  if (record.rejoin == RejoinPhase::kRejoining) {
    View bound;
    for (const auto& [reporter, reported] : reports_) bound = std::max(bound, reported);
    waiting.rejoin = {static_cast<std::uint32_t>(reports_.size()), bound.next(),
                      record.high_qc->view};
  }
  return waiting;
}

}  // namespace waggle::chained
