#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle_bench/options.hpp"
#include "smr/bin/waggle_bench/usage.hpp"

/// The cluster that is put under load.
namespace waggle::bench {

class Target {
 public:
  virtual ~Target() = default;
  const cli::Network& network() const noexcept { return network_; }
  const std::vector<Replica>& replicas() const noexcept { return replicas_; }
  /// Its data lies there, as far as we know.
  const std::filesystem::path& folder() const noexcept { return folder_; }
  /// Throws cli::Failure if a replica that we started has ended.
  virtual void check() {}
  /// SIGKILL, and waits until it is gone.
  virtual void kill(std::size_t replica);
  /// One that was killed, on its old data; does not wait until it answers.
  virtual void start(std::size_t replica);

 protected:
  Target(cli::Network network, std::filesystem::path folder)
      : network_(std::move(network)), folder_(std::move(folder)) {}

  cli::Network network_;
  std::filesystem::path folder_;
  std::vector<Replica> replicas_;
};

/// A cluster that somebody else runs. Which processes are its replicas, and where their metrics
/// are, is known if they were started by `waggle testnet up` on this machine. Throws cli::Failure.
std::unique_ptr<Target> running_cluster(const std::filesystem::path& cluster);

/// A new cluster on loopback in a temporary folder; ready when it returns. Replicas and folder go
/// with the object, and the replicas with this process however it ends. To be made on the main
/// thread, which must outlive it: the kernel's promise is tied to the thread that forks. Throws
/// cli::Failure.
std::unique_ptr<Target> throwaway_cluster(const Options& options);

}  // namespace waggle::bench
