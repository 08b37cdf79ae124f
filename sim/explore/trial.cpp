#include "sim/explore/trial.hpp"

#include <array>

#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "consensus/core/ensure.hpp"

namespace waggle::sim {
namespace {

using nlohmann::json;

std::string to_line(const Trial& trial) {
  const json line = {{"seed", trial.seed},         {"verdict", static_cast<int>(trial.verdict)},
                     {"property", trial.property}, {"detail", trial.detail},
                     {"events", trial.events},     {"committed", trial.committed},
                     {"timeouts", trial.timeouts}, {"digest", trial.digest},
                     {"strikes", trial.strikes}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Trial from_line(const json& line) {
  Trial trial;
  trial.seed = line.at("seed");
  trial.verdict = static_cast<Verdict>(line.at("verdict").get<int>());
  trial.property = line.at("property");
  trial.detail = line.at("detail");
  trial.events = line.at("events");
  trial.committed = line.at("committed");
  trial.timeouts = line.at("timeouts");
  trial.digest = line.at("digest");
  trial.strikes = line.at("strikes").get<Strikes>();
  return trial;
}

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

Trial summarize(const Scenario& scenario, const RunReport& report) {
  Trial trial;
  trial.seed = scenario.world.seed;
  trial.verdict = report.verdict;
  if (!report.violations.empty()) {
    trial.property = report.violations.front().property;
    trial.detail = report.violations.front().detail;
  }
  trial.events = report.events;
  trial.committed = report.committed;
  trial.timeouts = report.timeouts;
  trial.digest = report.digest;
  trial.strikes = report.strikes;
  return trial;
}

ApartRun::ApartRun(const Scenario& scenario) : seed_(scenario.world.seed) {
  const auto result = make_pipe();
  const auto words = make_pipe();
  child_ = fork();
  ENSURE(child_ >= 0, "no process");
  if (child_ == 0) {
    dup2(words[1], STDERR_FILENO);
    write_all(result[1], to_line(summarize(scenario, run_scenario(scenario, nullptr))));
    _exit(0);
  }
  close(result[1]);
  close(words[1]);
  result_ = result[0];
  words_ = words[0];
}

ApartRun::~ApartRun() {
  if (result_ >= 0) close(result_);
  if (words_ >= 0) close(words_);
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

Trial ApartRun::finish() {
  const std::string line = read_all(result_);
  const std::string said = read_all(words_);
  int status = 0;
  waitpid(child_, &status, 0);
  child_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return from_line(json::parse(line));
  Trial trial;
  trial.seed = seed_;
  trial.verdict = Verdict::kViolation;
  trial.property = "invariant";
  trial.detail = last_line(said);
  return trial;
}

Trial run_apart(const Scenario& scenario) { return ApartRun(scenario).finish(); }

}  // namespace waggle::sim
