#pragma once

#include <cstdint>
#include <filesystem>

namespace waggle::daemon {

/// Room on the file system of a folder, in bytes; size 0: it could not be asked.
struct DiskSpace {
  std::uint64_t free = 0;  ///< For this process: without what is reserved for root.
  std::uint64_t size = 0;
};
DiskSpace disk_space(const std::filesystem::path& folder);

}  // namespace waggle::daemon
