#pragma once

#include <string>

namespace waggle::cli {

/// A waggled.toml and what it names: genesis, cluster and keys. Returns what it is; throws Failure
/// with one line that names file, line, key and remedy.
std::string check_replica_files(const std::string& file);

}  // namespace waggle::cli
