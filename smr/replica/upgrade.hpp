#pragma once

#include "consensus/core/chain_config.hpp"
#include "consensus/core/interfaces.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// Brings a data directory of an older format to format 3, before recover(). From format 1: builds
/// the index of commands (chain_index.hpp) from the blocks, by going through the sessions'
/// decisions again; reads every block once. From both: rows of results in their new form
/// (result_rows.hpp). Before anything else the new version is written, with the old one beside it,
/// which goes with the last batch: an older program opens nothing that is half converted, and an
/// attempt that was cut short starts over. Returns how many blocks it went through.
storage::Outcome<std::uint64_t> upgrade(storage::Storage& storage, const ChainConfig& config,
                                        const Hasher& hasher);

}  // namespace waggle::smr
