#pragma once

#include <chrono>
#include <filesystem>

namespace waggle::bench {

/// What the machine can do at best, measured alone, to hold results against.
struct MachineLimits {
  double verifications_per_s = 0;              ///< Ed25519, of 64 commands' bytes, on one core.
  std::chrono::nanoseconds sync_p50{0};        ///< Appending 4 KiB to a file, and fdatasync.
  std::chrono::nanoseconds round_trip_p50{0};  ///< 64 bytes over TCP on loopback, and back.
};

/// Takes some two seconds. The file is made in `folder` and removed. Throws cli::Failure.
MachineLimits measure_limits(const std::filesystem::path& folder);

}  // namespace waggle::bench
