#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::pbeegees {

/// Certificate-decoupled commit with pre-commit validation (section 5): B2 is certified, B2.qc
/// certifies B1, no view-consecutiveness is asked. `b2` is certified and connected.
chained::CommitVerdict judge_commit(const chained::BlockTree& tree, const chained::Node& b2,
                                    const chained::Guards& guards);

}  // namespace waggle::pbeegees
