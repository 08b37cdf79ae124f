#pragma once

#include <string>
#include <vector>

#include "smr/bin/waggle/diagnosis.hpp"

namespace waggle::cli {

/// One line of waggle doctor.
struct Check {
  smr::Level level{};
  std::string what;    ///< What was looked at, in a word or two.
  std::string text;    ///< What was found.
  std::string advice;  ///< What to do; empty when there is nothing to be done.
};

/// What the answers of all replicas say of the cluster: a line for each thing that is in order, and
/// one for each sentence of diagnose() and of the replicas themselves that is not. Pure. `before`:
/// answers of a moment ago.
std::vector<Check> check_cluster(const ChainConfig& chain, const std::vector<Answer>& before,
                                 const std::vector<Answer>& answers);

}  // namespace waggle::cli
