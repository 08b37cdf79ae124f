#include "smr/bin/waggled/disk_space.hpp"

#include <sys/statvfs.h>

namespace waggle::daemon {

DiskSpace disk_space(const std::filesystem::path& folder) {
  struct statvfs found {};
  if (statvfs(folder.c_str(), &found) != 0) return {};
  const auto unit = static_cast<std::uint64_t>(found.f_frsize);
  return {found.f_bavail * unit, found.f_blocks * unit};
}

}  // namespace waggle::daemon
