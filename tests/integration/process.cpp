#include "tests/integration/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace waggle::integration {
namespace {

int open_for_append(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error("cannot write " + file.string());
  return fd;
}

/// Between fork and exec only what is safe in a process of many threads.
[[noreturn]] void become(char* const* arguments, int out, int err, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  // Too large a file shall be an error of the write, not a signal.
  ::signal(SIGXFSZ, SIG_IGN);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::filesystem::path& out,
                 const std::filesystem::path& err)
    : err_(err) {
  std::vector<std::string> copy = command;
  std::vector<char*> arguments;
  for (std::string& part : copy) arguments.push_back(part.data());
  arguments.push_back(nullptr);
  const int out_fd = open_for_append(out);
  const int err_fd = open_for_append(err);
  int until_exec[2];
  if (::pipe2(until_exec, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(arguments.data(), out_fd, err_fd, parent);
  for (const int fd : {out_fd, err_fd, until_exec[1]}) ::close(fd);
  // Before its exec the child shares our locks on files.
  char nothing;
  while (::read(until_exec[0], &nothing, 1) < 0 && errno == EINTR) {
  }
  ::close(until_exec[0]);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
}

Process::~Process() {
  kill();
  const std::string said = read_text(err_);
  for (const char* sign :
       {"ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "runtime error:"}) {
    const std::size_t at = said.find(sign);
    if (at == std::string::npos) continue;
    ADD_FAILURE() << err_.string() << " holds a report of a sanitizer: " << said.substr(at, 6000);
    return;
  }
}

bool Process::running() { return !wait(milliseconds(0)); }

void Process::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::optional<int> Process::wait(milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  while (!status_) {
    int status = 0;
    const pid_t got = ::waitpid(pid_, &status, WNOHANG);
    if (got == pid_) {
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (Clock::now() >= deadline) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(milliseconds(2));
    }
  }
  return status_;
}

void Process::kill() {
  signal(SIGKILL);
  wait(seconds(10));
}

milliseconds Process::processor_time() const {
  // The fields after the name, which is in parentheses, begin with the third.
  const std::string text = read_text("/proc/" + std::to_string(pid_) + "/stat");
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  fields >> user >> system;
  return milliseconds(1000 * (user + system) / ::sysconf(_SC_CLK_TCK));
}

std::uint64_t Process::resident_bytes() const {
  std::istringstream fields(read_text("/proc/" + std::to_string(pid_) + "/statm"));
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  fields >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool Process::holds(const std::filesystem::path& file) const {
  std::error_code gone;  // the process, or a file that it has just closed
  const std::filesystem::path open_files = "/proc/" + std::to_string(pid_) + "/fd";
  for (std::filesystem::directory_iterator at(open_files, gone), end; at != end;) {
    if (std::filesystem::read_symlink(at->path(), gone) == file) return true;
    at.increment(gone);
  }
  return false;
}

void Process::limit_file_size(std::uint64_t bytes) const {
  const rlimit limit{bytes, bytes};
  if (::prlimit(pid_, RLIMIT_FSIZE, &limit, nullptr) != 0) {
    throw std::runtime_error("cannot limit the size of files");
  }
}

Finished run(const std::vector<std::string>& command, const std::filesystem::path& scratch,
             milliseconds timeout) {
  static int count = 0;
  const std::string name = "run-" + std::to_string(++count);
  const std::filesystem::path out = scratch / (name + ".out");
  const std::filesystem::path err = scratch / (name + ".err");
  Finished finished;
  {
    Process process(command, out, err);
    finished.code = process.wait(timeout);
  }
  finished.out = read_text(out);
  finished.err = read_text(err);
  return finished;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;  // an iterator would throw for a process that ends meanwhile
  text << stream.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace waggle::integration
