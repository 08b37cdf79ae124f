#include "smr/bin/waggle_bench/machine.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace waggle::bench {
namespace {

std::string cpu_model() {
  std::ifstream stream("/proc/cpuinfo");
  for (std::string line; std::getline(stream, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

/// The type of the mount with the longest name above the folder.
std::string file_system_of(const std::filesystem::path& folder) {
  const std::string path = std::filesystem::canonical(folder).string() + "/";
  std::ifstream stream("/proc/self/mounts");
  std::string best;
  std::string type = "unknown";
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string device;
    std::string point;
    std::string kind;
    words >> device >> point >> kind;
    const std::string inside = point.ends_with('/') ? point : point + "/";
    if (!path.starts_with(inside) || inside.size() < best.size()) continue;
    best = inside;
    type = kind;
  }
  return type;
}

}  // namespace

Machine describe_machine(const std::filesystem::path& folder) {
  Machine machine;
  machine.cpu = cpu_model();
  machine.cores = std::thread::hardware_concurrency();
  machine.memory_gb = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                      static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e9;
  utsname system{};
  if (uname(&system) == 0) machine.kernel = system.release;
  machine.disk = file_system_of(folder);
  double average = 0;
  if (getloadavg(&average, 1) == 1) machine.load = average;
  struct statfs about {};
  machine.in_memory = statfs(folder.c_str(), &about) == 0 &&
                      (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC);
  return machine;
}

}  // namespace waggle::bench
