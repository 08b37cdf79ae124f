#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smr/bin/waggle/ports.hpp"
#include "smr/bin/waggle/processes.hpp"
#include "smr/bin/waggle_bench/target.hpp"
#include "smr/config/testnet.hpp"

namespace waggle::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kStartPatience{30};

[[noreturn]] void fail(const std::string& what) {
  throw cli::Failure(cli::kRefused, what + ": " + std::strerror(errno));
}

/// A folder that goes with the object.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& parent) {
    std::string name = (parent / "waggle-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw cli::Failure(cli::kBadInput, parent.string() + ": no folder can be made there: " +
                                             std::strerror(errno));
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

/// In the child. Only what is safe after a fork.
[[noreturn]] void become(char* const* arguments, int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  setsid();  // An interrupt on the terminal is for the parent, which then stops us.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

/// A waggled that is killed with the object.
class Child {
 public:
  Child(const fs::path& program, const fs::path& home) : log_(home / "waggled.log") {
    const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) fail(log_.string());
    std::string words[] = {program.string(), "--config", (home / "waggled.toml").string()};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) become(arguments, log, parent);
    close(log);
    if (pid_ < 0) fail("cannot start " + program.string());
  }
  ~Child() {
    if (ended()) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const noexcept { return pid_; }
  bool ended() {
    ended_ = ended_ || waitpid(pid_, nullptr, WNOHANG) == pid_;
    return ended_;
  }
  std::string log() const {
    std::ifstream stream(log_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  fs::path log_;
  pid_t pid_ = -1;
  bool ended_ = false;
};

cli::Network make_network(const fs::path& folder, const Options& options) {
  config::TestnetOptions wanted;
  wanted.folder = folder;
  wanted.replicas = options.replicas;
  wanted.block_bytes_max = options.block_bytes;
  if (options.protocol == "median") {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    wanted.median = config::median_defaults(
        options.replicas,
        static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(now).count()));
  }
  // Two runs at a time should not look for the same ports.
  const auto start = static_cast<std::uint16_t>(10'000 + getpid() % 100 * 100);
  const auto base = cli::find_base_port(options.replicas, start);
  if (!base) throw cli::Failure(cli::kRefused, fmt::format("no free ports from {} on", start));
  wanted.base_port = *base;
  if (const auto made = config::create_testnet(wanted); !made) {
    throw cli::Failure(cli::kBadInput, made.error().to_string());
  }
  return cli::load_network(folder);
}

class ThrowawayCluster final : public Target {
 public:
  ThrowawayCluster(std::unique_ptr<TemporaryFolder> temporary, cli::Network network,
                   fs::path program)
      : Target(std::move(network), temporary->path()),
        temporary_(std::move(temporary)),
        program_(std::move(program)) {
    const auto base = static_cast<std::uint16_t>(network_.cluster.members[0].peer_address.port);
    const config::TestnetPorts ports{base};
    for (std::uint32_t i = 0; i < network_.chain().n(); ++i) {
      children_.push_back(nullptr);
      replicas_.push_back({std::nullopt, config::Address{"127.0.0.1", ports.metrics(i)}});
      start(i);
    }
    await_ready();
  }

  void check() override {
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (!children_[i] || !children_[i]->ended()) continue;
      throw cli::Failure(cli::kRefused,
                         fmt::format("replica {} has ended:\n{}", i, children_[i]->log()));
    }
  }
  void kill(std::size_t replica) override {
    children_.at(replica).reset();
    replicas_.at(replica).pid.reset();
  }
  void start(std::size_t replica) override {
    const fs::path home = folder_ / fmt::format("replica-{}", replica);
    children_.at(replica) = std::make_unique<Child>(program_, home);
    replicas_.at(replica).pid = children_[replica]->pid();
  }

 private:
  /// Until every replica answers and is connected to all others.
  void await_ready() {
    const auto reader = cli::open_reader(network_);
    const auto end = std::chrono::steady_clock::now() + kStartPatience;
    for (std::uint32_t i = 0; i < network_.chain().n();) {
      const auto status = reader->status(ReplicaId{i}, milliseconds(200)).get();
      check();
      if (status && status->peers_connected.size() + 1 == network_.chain().n()) {
        ++i;
      } else if (std::chrono::steady_clock::now() >= end) {
        throw cli::Failure(cli::kRefused, fmt::format("replica {} does not answer", i));
      }
    }
  }

  std::unique_ptr<TemporaryFolder> temporary_;  ///< Goes after the children.
  const fs::path program_;
  std::vector<std::unique_ptr<Child>> children_;
};

}  // namespace

std::unique_ptr<Target> throwaway_cluster(const Options& options) {
  const fs::path parent = options.folder.empty() ? fs::temp_directory_path() : options.folder;
  const fs::path program = options.waggled.empty() ? cli::find_waggled() : options.waggled;
  if (access(program.c_str(), X_OK) != 0) {
    throw cli::Failure(cli::kBadInput, program.string() + ": " + std::strerror(errno));
  }
  auto temporary = std::make_unique<TemporaryFolder>(fs::absolute(parent));
  cli::Network network = make_network(temporary->path(), options);
  return std::make_unique<ThrowawayCluster>(std::move(temporary), std::move(network), program);
}

}  // namespace waggle::bench
