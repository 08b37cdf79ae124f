#include "smr/bin/waggle/processes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smr/bin/waggle/cli.hpp"

namespace waggle::cli {
namespace {

namespace fs = std::filesystem;

/// The arguments of a process, or none when it is gone.
std::vector<std::string> arguments_of(pid_t pid) {
  std::ifstream stream(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string word; std::getline(stream, word, '\0');) arguments.push_back(word);
  return arguments;
}

bool is_zombie(pid_t pid) {
  std::ifstream stream(fmt::format("/proc/{}/stat", pid));
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 3, ") Z") == 0;
}

/// Waits for the end of a process that need not be our child.
bool gone_within(std::chrono::milliseconds patience, const auto& gone) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!gone()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// In the child. Only what is safe after a fork.
[[noreturn]] void become(const char* program, char* const* arguments, int log) {
  setsid();
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(program, arguments);
  _exit(127);
}

}  // namespace

bool ReplicaProcess::is_ours(pid_t pid) const {
  std::error_code code;
  const fs::path program = fs::read_symlink(fmt::format("/proc/{}/exe", pid), code);
  // A program that was rebuilt while it runs is shown with " (deleted)" behind its name.
  const std::string name = program.filename().string();
  if (code || (name != "waggled" && name != "waggled (deleted)") || is_zombie(pid)) return false;
  const auto arguments = arguments_of(pid);
  const std::string config = fs::absolute(config_file()).lexically_normal().string();
  return std::find(arguments.begin(), arguments.end(), config) != arguments.end();
}

std::optional<pid_t> ReplicaProcess::running() const {
  std::ifstream stream(pid_file());
  pid_t pid = 0;
  if (!(stream >> pid) || pid <= 1 || !is_ours(pid)) return std::nullopt;
  return pid;
}

void ReplicaProcess::start(const fs::path& program, const std::vector<std::string>& options) const {
  const int log = open(log_file().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) {
    throw Failure(kBadInput, fmt::format("{}: cannot be opened: {}", log_file().string(),
                                         std::strerror(errno)));
  }
  std::vector<std::string> words = {program.string(), "--config",
                                    fs::absolute(config_file()).lexically_normal().string()};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const pid_t pid = fork();
  if (pid == 0) become(program.c_str(), arguments.data(), log);
  close(log);
  if (pid < 0) throw Failure(kBadInput, std::string("cannot start: ") + std::strerror(errno));
  std::ofstream stream(pid_file());
  stream << pid << '\n';
  stream.close();
  if (stream) return;
  kill(pid, SIGTERM);
  throw Failure(kBadInput, pid_file().string() + ": cannot be written");
}

ReplicaProcess::Stopped ReplicaProcess::stop(std::chrono::milliseconds patience) const {
  const auto pid = running();
  std::error_code code;
  if (!pid) {
    fs::remove(pid_file(), code);
    return Stopped::kWasNotRunning;
  }
  const auto gone = [&] { return !is_ours(*pid); };
  kill(*pid, SIGTERM);
  Stopped how = Stopped::kByRequest;
  if (!gone_within(patience, gone)) {
    how = Stopped::kByForce;
    kill(*pid, SIGKILL);
    gone_within(std::chrono::seconds(5), gone);
  }
  fs::remove(pid_file(), code);
  return how;
}

std::string ReplicaProcess::last_log_lines(std::size_t count) const {
  std::ifstream stream(log_file());
  std::deque<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
    if (lines.size() > count) lines.pop_front();
  }
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

std::string ReplicaProcess::last_words() const {
  // What waggled says last on standard error, whatever the format of its log.
  std::string line = last_log_lines(1);
  line.erase(0, line.find_first_not_of("\n "));
  const auto behind = [&](std::string_view prefix) {
    return line.starts_with(prefix) ? line.substr(prefix.size()) : "";
  };
  if (const std::string reason = behind("waggled: stopped: "); !reason.empty()) {
    return "stopped itself: " + reason;
  }
  if (const std::string reason = behind("waggled: "); !reason.empty()) {
    return "did not start: " + reason;
  }
  if (!behind("invariant broken: ").empty()) return "aborted: " + line;
  return "";
}

fs::path find_waggled() {
  const fs::path beside = fs::read_symlink("/proc/self/exe").parent_path() / "waggled";
  if (access(beside.c_str(), X_OK) == 0) return beside;
  throw Failure(kBadInput, beside.string() + ": not there; name the program with --waggled");
}

}  // namespace waggle::cli
