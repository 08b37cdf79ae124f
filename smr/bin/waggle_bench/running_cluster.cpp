#include <fmt/format.h>

#include "smr/bin/waggle/processes.hpp"
#include "smr/bin/waggle_bench/target.hpp"
#include "smr/config/replica.hpp"

namespace waggle::bench {
namespace {

namespace fs = std::filesystem;

class RunningCluster final : public Target {
 public:
  RunningCluster(cli::Network network, fs::path folder)
      : Target(std::move(network), std::move(folder)) {
    for (std::uint32_t i = 0; i < network_.chain().n(); ++i) {
      const cli::ReplicaProcess process(folder_ / fmt::format("replica-{}", i));
      Replica replica{process.running(), std::nullopt};
      const auto settings = config::load_replica(process.config_file().string());
      if (replica.pid && settings) replica.metrics = settings->metrics_listen;
      replicas_.push_back(replica);
    }
  }
};

}  // namespace

void Target::kill(std::size_t) {
  throw cli::Failure(cli::kBadInput, "only a cluster of its own may be killed");
}

void Target::start(std::size_t) {
  throw cli::Failure(cli::kBadInput, "only a cluster of its own may be started");
}

std::unique_ptr<Target> running_cluster(const fs::path& cluster) {
  const fs::path folder = fs::is_directory(cluster) ? cluster : fs::absolute(cluster).parent_path();
  if (!fs::is_directory(cluster) && cluster.filename() != "cluster.toml") {
    throw cli::Failure(cli::kBadInput, cluster.string() + ": name a cluster.toml or its folder");
  }
  cli::Network network = cli::load_network(folder);
  if (!network.chain().clients.empty()) {
    throw cli::Failure(cli::kBadInput, folder.string() +
                                           ": its genesis lists who may submit; waggle-bench makes "
                                           "keys of its own and needs clients.allow = \"any\"");
  }
  return std::make_unique<RunningCluster>(std::move(network), folder);
}

}  // namespace waggle::bench
