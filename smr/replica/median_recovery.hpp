#pragma once

#include "smr/replica/median_host.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// Reads a data directory back: the core's rows, and where execution stands. The two need not
/// agree: execution may lag behind what is sealed, and be ahead of it when a state had just been
/// installed (MedianHost::start). Refuses (kCorrupt) what no server wrote. `n`: of servers.
storage::Outcome<RecoveredMedian> recover_median(const storage::Storage& storage,
                                                 const Hasher& hasher, std::uint32_t n);

}  // namespace waggle::smr
