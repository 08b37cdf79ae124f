#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::pbeegees {

/// Where the block of the view that a leader leads goes: on the block that QC(v-1) certifies
/// (3.3), or on a tip of maximal rank in a TC whose every entry was counted (3.4, 3.7a, 4.6).
chained::ParentChoice choose_parent(const chained::Outlook& outlook, const chained::Guards& guards);

}  // namespace waggle::pbeegees
