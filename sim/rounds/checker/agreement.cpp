#include "sim/rounds/checker/agreement.hpp"

namespace waggle::sim::rounds {

void AgreementChecker::on_state(std::uint32_t server, std::uint64_t round, std::uint32_t node) {
  if (!holds() || join(node)) return;
  complain(round, "server " + std::to_string(server) + " committed a sequence of " +
                      std::to_string(lineage_.length(node)) + " that is no prefix of another's");
}

void AgreementChecker::on_acknowledged(std::uint64_t round, std::uint32_t node) {
  if (!holds() || join(node)) return;
  complain(round, "a client was told of a command in a sequence that is no prefix of another's");
}

/// Whether the sequence lies on the line of those seen before, which it may make longer.
bool AgreementChecker::join(std::uint32_t node) {
  std::vector<std::uint32_t> fresh;
  while (lineage_.length(node) > line_.size()) {
    fresh.push_back(node);
    node = lineage_.parent(node);
  }
  const std::uint32_t length = lineage_.length(node);
  if (length > 0 && line_[length - 1] != node) return false;
  line_.insert(line_.end(), fresh.rbegin(), fresh.rend());
  return true;
}

}  // namespace waggle::sim::rounds
