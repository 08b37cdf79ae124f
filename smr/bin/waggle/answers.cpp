#include "smr/bin/waggle/answers.hpp"

#include <algorithm>
#include <future>

#include "smr/bin/waggle/processes.hpp"

namespace waggle::cli {
namespace {

using std::chrono::milliseconds;

Answer ask_one(client::Client& client, ReplicaId replica, const Digest& chain,
               std::chrono::microseconds timeout) {
  Answer answer;
  answer.replica = replica;
  const auto asked = std::chrono::steady_clock::now();
  answer.status = client.status(replica, timeout).get();
  const auto took = std::chrono::steady_clock::now() - asked;
  if (!answer.status) {
    answer.why = client.connection_error(replica);
    if (answer.why.empty()) answer.why = "no answer in time";
    return answer;
  }
  if (answer.status->chain_id != chain) {
    answer.other_chain = answer.status->chain_id;
    answer.why = "runs another chain";
    answer.status.reset();
    return answer;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  answer.clock_error = std::chrono::duration_cast<milliseconds>(took / 2);
  answer.clock_ahead = milliseconds(answer.status->time_ms) -
                       std::chrono::duration_cast<milliseconds>(now - took / 2);
  return answer;
}

}  // namespace

std::vector<Answer> ask(const Cli& cli, const Network& network,
                        const std::vector<std::uint32_t>& replicas) {
  const auto client = open_reader(network);
  // Who is down does not answer however long one waits.
  const auto timeout = std::min(cli.timeout(), std::chrono::microseconds(2'000'000));
  std::vector<std::future<Answer>> asked;
  for (const std::uint32_t id : replicas) {
    asked.push_back(std::async(std::launch::async, ask_one, std::ref(*client), ReplicaId{id},
                               network.chain().chain_id, timeout));
  }
  std::vector<Answer> answers;
  for (std::future<Answer>& one : asked) {
    answers.push_back(one.get());
    if (answers.back().status || answers.back().other_chain) continue;
    const std::string id = std::to_string(answers.back().replica.value);
    answers.back().last_words = ReplicaProcess(cli.cluster / ("replica-" + id)).last_words();
  }
  return answers;
}

}  // namespace waggle::cli
