#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace waggle::cli {

/// A waggled process of a network on this machine, known by its pid file. All functions look at
/// what really runs: a pid counts only if it is a waggled with this replica's configuration, so
/// that a number that was given to another program is never touched.
class ReplicaProcess {
 public:
  /// `home` is the replica's folder, with waggled.toml.
  explicit ReplicaProcess(std::filesystem::path home) : home_(std::move(home)) {}

  /// Its pid, if it runs.
  std::optional<pid_t> running() const;
  /// Starts it in the background, in a session of its own, its output appended to waggled.log.
  /// Throws Failure. Success means only that it was started.
  void start(const std::filesystem::path& program, const std::vector<std::string>& options) const;

  enum class Stopped { kWasNotRunning, kByRequest, kByForce };
  /// SIGTERM; SIGKILL when that does not help in time.
  Stopped stop(std::chrono::milliseconds patience) const;

  std::filesystem::path config_file() const { return home_ / "waggled.toml"; }
  std::filesystem::path log_file() const { return home_ / "waggled.log"; }
  std::filesystem::path pid_file() const { return home_ / "waggled.pid"; }
  /// The end of the log, for when it does not start.
  std::string last_log_lines(std::size_t count) const;
  /// Why it ended, if it did so by itself and its log is here: "stopped itself: ...". Else
  /// empty.
  std::string last_words() const;

 private:
  bool is_ours(pid_t pid) const;

  std::filesystem::path home_;
};

/// The waggled that belongs to this program: in the same folder. Throws Failure when there is none.
std::filesystem::path find_waggled();

}  // namespace waggle::cli
