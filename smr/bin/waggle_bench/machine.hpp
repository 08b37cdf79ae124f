#pragma once

#include <filesystem>
#include <string>

namespace waggle::bench {

/// Where it was measured.
struct Machine {
  std::string cpu;
  unsigned cores = 0;
  double memory_gb = 0;
  std::string kernel;
  std::string disk;        ///< File system of the cluster's folder, "ext4".
  double load = 0;         ///< Load average of the minute before: what else ran.
  bool in_memory = false;  ///< That file system is none of a disk: a sync costs nothing there.
};

Machine describe_machine(const std::filesystem::path& folder);

}  // namespace waggle::bench
