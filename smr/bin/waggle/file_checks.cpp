#include "smr/bin/waggle/file_checks.hpp"

#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "crypto/ed25519.hpp"
#include "crypto/sha256.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/config_check.hpp"
#include "smr/bin/waggle/diagnosis.hpp"
#include "smr/bin/waggle/ports.hpp"
#include "smr/config/cluster.hpp"
#include "smr/config/genesis.hpp"
#include "smr/config/replica.hpp"
#include "smr/config/testnet.hpp"
#include "smr/replica/explain.hpp"

namespace waggle::cli {
namespace {

namespace fs = std::filesystem;
using smr::Level;

/// Where something listens, and what: "the metrics of replica 2".
using Listeners = std::map<std::string, std::string>;

class FileChecks {
 public:
  explicit FileChecks(const fs::path& folder) : folder_(folder) {}

  std::vector<Check> run(const std::vector<fs::path>& configs) {
    if (!check_genesis() || !check_addresses()) return std::move(checks_);
    for (std::uint32_t id = 0; id < genesis_->chain->n(); ++id) {
      const fs::path file = folder_ / fmt::format("replica-{}", id) / "waggled.toml";
      if (fs::exists(file)) check_replica(file);
    }
    for (const fs::path& file : configs) check_replica(file);
    return std::move(checks_);
  }

 private:
  void add(Level level, const std::string& what, const std::string& text,
           const std::string& advice = "") {
    checks_.push_back({level, what, text, advice});
  }

  bool check_genesis() {
    const fs::path file = folder_ / "genesis.toml";
    auto loaded = config::load_genesis(file, crypto::Sha256Hasher());
    if (!loaded) {
      add(Level::kBad, "genesis", loaded.error().to_string(),
          "Take the file that the other replicas have, byte by byte.");
      return false;
    }
    genesis_ = std::move(*loaded);
    const ChainConfig& chain = *genesis_->chain;
    const bool median = genesis_->median.has_value();
    add(Level::kOk, "genesis",
        fmt::format("{}: chain {} ({}), {} replicas, {} may be {}", file.string(), genesis_->name,
                    short_hex(chain.chain_id), chain.n(), chain.n() - needed(chain),
                    median ? "blocked or crashed" : "faulty"));
    return true;
  }

  bool check_addresses() {
    const fs::path file = folder_ / "cluster.toml";
    auto loaded = config::load_cluster(file, *genesis_->chain, crypto::Ed25519Verifier());
    if (!loaded) {
      add(Level::kBad, "cluster", loaded.error().to_string(),
          "Take the file that belongs to this genesis, or mend the line.");
      return false;
    }
    cluster_ = std::move(*loaded);
    bool clash = false;
    for (const config::ClusterMember& member : cluster_.members) {
      const std::string name = fmt::format("replica {}", member.id.value);
      clash |= !claim(member.peer_address, "peer_address of " + name, "cluster");
      clash |= !claim(member.client_address, "client_address of " + name, "cluster");
    }
    if (!clash) {
      add(Level::kOk, "cluster",
          fmt::format("{}: {} replicas, bindings verified, every address once", file.string(),
                      cluster_.members.size()));
    }
    return true;
  }

  /// False, and a line, when the address is somebody else's.
  bool claim(const config::Address& address, const std::string& what, const std::string& check) {
    const auto [at, fresh] = listeners_.emplace(address.to_string(), what);
    if (fresh || at->second == what) return true;
    add(Level::kBad, check,
        fmt::format("{} and {} are both {}", at->second, what, address.to_string()),
        "Give each its own address and port.");
    return false;
  }

  void check_replica(const fs::path& file) {
    const std::size_t before = checks_.size();
    std::string name = file.string();
    try {
      const auto settings = config::load_replica(file);
      if (!settings) throw Failure(kBadInput, settings.error().to_string());
      name = fmt::format("replica {}", settings->replica.value);
      // First: with another genesis file nothing else fits, and each line would name a symptom.
      if (!check_chain(*settings, name)) return;
      check_replica_files(file);
      const bool running = check_data(*settings, name);
      check_ports(*settings, name, running);
      if (checks_.size() > before) return;
      add(Level::kOk, name,
          fmt::format("{}: keys and data directory in order, {}", file.string(),
                      running ? "running" : "not running"));
    } catch (const Failure& failure) {
      add(Level::kBad, name, failure.what(), "Mend what the line names; nothing was started.");
    }
  }

  bool check_chain(const config::ReplicaSettings& settings, const std::string& name) {
    const auto its = config::load_genesis(settings.genesis, crypto::Sha256Hasher());
    if (!its || its->chain->chain_id == genesis_->chain->chain_id) return true;
    add(Level::kBad, name,
        fmt::format("{} is of chain {}, {} of chain {}", settings.genesis.string(),
                    short_hex(its->chain->chain_id), (folder_ / "genesis.toml").string(),
                    short_hex(genesis_->chain->chain_id)),
        "Give all replicas the same genesis.toml, byte by byte.");
    return false;
  }

  /// Whether a process uses the directory.
  bool check_data(const config::ReplicaSettings& settings, const std::string& name) {
    const fs::path& data = settings.data_dir;
    std::error_code ignored;
    if (!fs::exists(data / "db", ignored) && !fs::exists(data / config::kFreshMarker, ignored)) {
      add(Level::kBad, name, data.string() + " holds neither data nor the marker of a first start",
          "If the replica ran before, find its data or start it with --rejoin; otherwise put an "
          "empty file FRESH there.");
    } else if (access(data.c_str(), R_OK | W_OK | X_OK) != 0) {
      add(Level::kBad, name, data.string() + " cannot be written", "chown it to who runs waggled.");
    }
    struct statvfs disk {};
    if (statvfs(data.c_str(), &disk) == 0) {
      const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
      const Level level = free < smr::kDiskFull ? Level::kBad : Level::kWarn;
      if (free < smr::kDiskLow) {
        add(level, name, fmt::format("{} are free for {}", smr::size_text(free), data.string()),
            "Make room, or move the data directory while the replica is stopped.");
      }
    }
    const int lock = open((data / "lock").c_str(), O_RDONLY | O_CLOEXEC);
    if (lock < 0) return false;
    const bool running = flock(lock, LOCK_SH | LOCK_NB) != 0;
    close(lock);
    return running;
  }

  void check_ports(const config::ReplicaSettings& settings, const std::string& name, bool running) {
    const config::ClusterMember& own = cluster_.members.at(settings.replica.value);
    const auto look = [&](const config::Address& address, const std::string& what) {
      if (!claim(address, what + " of " + name, name) || running) return;
      if (port_use(address.host, address.port) != PortUse::kTaken) return;
      add(Level::kBad, name,
          fmt::format("{} {} is taken by another program", what, address.to_string()),
          "Stop that program, or choose another port.");
    };
    if (settings.peer_listen)
      look(*settings.peer_listen, "peer_listen");
    else
      look(own.peer_address, "peer_address");
    if (settings.client_listen)
      look(*settings.client_listen, "client_listen");
    else
      look(own.client_address, "client_address");
    if (settings.metrics_listen) look(*settings.metrics_listen, "metrics_listen");
  }

  const fs::path folder_;
  std::optional<config::Genesis> genesis_;
  config::Cluster cluster_;
  Listeners listeners_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> check_files(const fs::path& folder, const std::vector<fs::path>& configs) {
  return FileChecks(folder).run(configs);
}

}  // namespace waggle::cli
