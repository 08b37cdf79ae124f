#pragma once

#include "consensus/core/chain_config.hpp"
#include "consensus/core/interfaces.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// Brings a data directory of format 1 to format 2, before recover(): builds the index of commands
/// (chain_index.hpp) from the blocks, by going through the sessions' decisions again. Reads every
/// block once. The last batch is synced and writes the new version; an attempt that was cut short
/// starts over. Returns how many blocks it went through; 0: there was nothing to do.
storage::Outcome<std::uint64_t> upgrade(storage::Storage& storage, const ChainConfig& config,
                                        const Hasher& hasher);

}  // namespace waggle::smr
