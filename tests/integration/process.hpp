#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace waggle::integration {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A child process with standard output and error in files. It never outlives us: the destructor
/// kills it, and the kernel does when this process ends in any way. To be made on the main thread,
/// because the kernel's promise is tied to the thread that forks. The destructor also fails the
/// test when a sanitizer has reported something to standard error.
class Process {
 public:
  /// What the process prints is appended to the files.
  Process(const std::vector<std::string>& command, const std::filesystem::path& out,
          const std::filesystem::path& err);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const noexcept { return pid_; }
  /// Not yet seen to have ended.
  bool running();
  void signal(int number) const;
  /// Waits for the end: the exit code, or 128 plus the signal that ended it.
  std::optional<int> wait(milliseconds timeout);
  void kill();
  /// Time on processors until now, of all its threads.
  milliseconds processor_time() const;
  std::uint64_t resident_bytes() const;
  /// The process has this file open.
  bool holds(const std::filesystem::path& file) const;
  /// Lets no file of the process grow beyond `bytes`: writes then fail as those to a full disk do.
  void limit_file_size(std::uint64_t bytes) const;

 private:
  const std::filesystem::path err_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// What a short-lived command printed.
struct Finished {
  std::optional<int> code;  ///< Nothing if it had to be killed.
  std::string out;
  std::string err;
};
/// Runs a command to its end, in a folder for what it prints.
Finished run(const std::vector<std::string>& command, const std::filesystem::path& scratch,
             milliseconds timeout = seconds(20));

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace waggle::integration
