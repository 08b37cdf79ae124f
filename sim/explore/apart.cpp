#include "sim/explore/apart.hpp"

#include <array>
#include <exception>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "consensus/core/ensure.hpp"

namespace waggle::sim {
namespace {

void write_all(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(to, text.data() + done, text.size() - done);
    if (wrote <= 0) _exit(3);
    done += static_cast<std::size_t>(wrote);
  }
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

[[noreturn]] void work_and_exit(const std::function<std::string()>& work, int result) {
  try {
    write_all(result, work());
    _exit(0);
  } catch (const std::exception& error) {
    write_all(STDERR_FILENO, error.what());
    _exit(1);
  }
}

/// What a process said before it died.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it said nothing";
  const std::size_t start = text.rfind('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  ENSURE(pipe(ends.data()) == 0, "no pipe");
  return ends;
}

}  // namespace

ApartTask::ApartTask(const std::function<std::string()>& work) {
  const auto result = make_pipe();
  const auto words = make_pipe();
  child_ = fork();
  ENSURE(child_ >= 0, "no process");
  if (child_ == 0) {
    dup2(words[1], STDERR_FILENO);
    work_and_exit(work, result[1]);
  }
  close(result[1]);
  close(words[1]);
  result_ = result[0];
  words_ = words[0];
}

ApartTask::~ApartTask() {
  if (result_ >= 0) close(result_);
  if (words_ >= 0) close(words_);
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

ApartTask::End ApartTask::finish() {
  std::string result = read_all(result_);
  const std::string said = read_all(words_);
  int status = 0;
  waitpid(child_, &status, 0);
  child_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {true, std::move(result)};
  return {false, last_line(said)};
}

std::vector<std::size_t> wait_for_any(const std::vector<int>& handles) {
  std::vector<pollfd> polled;
  for (const int handle : handles) polled.push_back({handle, POLLIN, 0});
  poll(polled.data(), polled.size(), -1);
  std::vector<std::size_t> ready;
  for (std::size_t i = polled.size(); i-- > 0;) {
    if (polled[i].revents != 0) ready.push_back(i);
  }
  return ready;
}

}  // namespace waggle::sim
