#pragma once

#include "consensus/chained/rules.hpp"

namespace waggle::baselines {

/// Builds on the block that the highest known QC certifies, or asks for it.
chained::ParentChoice on_highest_certified(const chained::Outlook& outlook, TcPtr tc);

}  // namespace waggle::baselines
