#include "sim/rounds/agreement.hpp"

#include <algorithm>

namespace waggle::sim::rounds {

void AgreementChecker::on_state(std::uint32_t server, median::Round round, median::StateRef state) {
  if (violation_ || join(state)) return;
  fail(round, "server " + std::to_string(server) + " committed a sequence of " +
                  std::to_string(history_.length(state)) + " that is no prefix of another's");
}

void AgreementChecker::on_acknowledged(median::Round round, median::StateRef state) {
  if (violation_ || join(state)) return;
  fail(round, "a client was told of a command in a sequence that is no prefix of another's");
}

/// Whether the state lies on the line of those seen before, which it may make longer.
bool AgreementChecker::join(median::StateRef state) {
  std::vector<median::StateRef> fresh;
  while (history_.length(state) > line_.size()) {
    fresh.push_back(state);
    state = history_.parent(state);
  }
  const std::uint32_t length = history_.length(state);
  if (length > 0 && line_[length - 1] != state) return false;
  line_.insert(line_.end(), fresh.rbegin(), fresh.rend());
  return true;
}

void AgreementChecker::fail(median::Round round, std::string what) {
  violated_at_ = round;
  violation_ = "round " + std::to_string(round) + ": " + std::move(what);
}

}  // namespace waggle::sim::rounds
