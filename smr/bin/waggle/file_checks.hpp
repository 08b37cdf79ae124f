#pragma once

#include <filesystem>
#include <vector>

#include "smr/bin/waggle/check.hpp"

namespace waggle::cli {

/// Checks the files of a network without asking any replica: genesis.toml and cluster.toml in the
/// folder, replica-N/waggled.toml there as far as they are on this machine, and `configs`, other
/// waggled.toml files; with all that these name: keys, permissions, data directories, room on their
/// disks, addresses, ports that clash or are taken.
std::vector<Check> check_files(const std::filesystem::path& folder,
                               const std::vector<std::filesystem::path>& configs);

}  // namespace waggle::cli
