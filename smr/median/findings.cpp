#include "smr/median/findings.hpp"

namespace waggle::median {

std::string_view to_string(Finding finding) noexcept {
  switch (finding) {
    case Finding::kCommittedTwice: return "committed_twice";
    case Finding::kNumberSkipped: return "number_skipped";
    case Finding::kPrefixNotInLog: return "prefix_not_in_log";
  }
  return "";
}

}  // namespace waggle::median
