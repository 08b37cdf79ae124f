#include "tests/integration/workload.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "consensus/core/encoding.hpp"

namespace waggle::integration {
namespace {

constexpr auto kPatience = milliseconds(400);  // shorter than outages, so that resume() is used
constexpr auto kMorePatience = seconds(5);
constexpr int kResumes = 12;
constexpr std::uint64_t kHotKeys = 8;
constexpr const char* kShared = "shared";

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

std::int64_t sum_of(const app::KvResult& result) {
  return app::parse_decimal(result.value.value_or(Bytes{})).value_or(-1);
}

}  // namespace

Workload::Workload(const Cluster& cluster, std::uint32_t clients, std::uint64_t seed) {
  for (std::uint32_t i = 0; i < clients; ++i) {
    auto worker = std::make_unique<Worker>();
    worker->name = "w" + std::to_string(i);
    worker->client = cluster.open_client();
    worker->seed = seed + i;
    workers_.push_back(std::move(worker));
  }
  for (auto& worker : workers_) {
    worker->thread = std::thread([this, one = worker.get()] { work(*one); });
  }
}

Workload::~Workload() { stop(); }

void Workload::stop() {
  stopping_ = true;
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

std::optional<double> Workload::time_to_commit(milliseconds timeout, std::uint64_t more) const {
  const Clock::time_point start = Clock::now();
  const std::uint64_t goal = acknowledged() + more;
  while (acknowledged() < goal) {
    if (Clock::now() - start > timeout) return std::nullopt;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return seconds_since(start);
}

void Workload::work(Worker& worker) {
  std::mt19937_64 random(worker.seed);
  while (!stopping_ && worker.failures.empty()) send_group(worker, random());
}

void Workload::send_group(Worker& worker, std::uint64_t pick) {
  const std::string number = std::to_string(++worker.groups);
  const std::string fresh = "put/" + worker.name + "/" + number;
  const std::string hot = "hot/" + worker.name + "/" + std::to_string(pick % kHotKeys);
  std::vector<Bytes> commands;
  commands.push_back(encode(increment(kShared)));
  commands.push_back(encode(increment("own/" + worker.name)));
  commands.push_back(encode(put(fresh, number)));
  commands.push_back(encode(put(hot, number)));
  const auto outcomes = worker.client->execute_group(std::move(commands), kPatience);

  std::vector<std::optional<app::KvResult>> results;
  for (const client::Outcome& outcome : outcomes) results.push_back(settle(worker, outcome));
  if (results[0]) worker.shared_sums.push_back(sum_of(*results[0]));
  if (results[1] && sum_of(*results[1]) != static_cast<std::int64_t>(++worker.own_sum)) {
    worker.failures.push_back("own counter is " + std::to_string(sum_of(*results[1])) + " after " +
                              std::to_string(worker.own_sum) + " increments");
  }
  if (results[2]) worker.values[fresh] = number;
  if (results[3]) worker.values[hot] = number;
}

std::optional<app::KvResult> Workload::settle(Worker& worker, client::Outcome outcome) {
  for (int tries = 0; tries < kResumes; ++tries) {
    const auto* unknown = std::get_if<client::Unknown>(&outcome);
    if (unknown == nullptr) break;
    ++resumed_;
    outcome = worker.client->resume(unknown->number, kMorePatience);
  }
  if (const auto* committed = std::get_if<client::Committed>(&outcome)) {
    const auto result = app::decode_kv_result(committed->result);
    if (result && result->status == app::KvStatus::kOk) {
      worker.times.push_back(Clock::now());
      ++acknowledged_;
      return *result;
    }
    worker.failures.push_back("a result is not ok");
  } else if (!std::holds_alternative<client::NotSent>(outcome)) {
    worker.failures.push_back(describe(outcome));
  }
  return std::nullopt;
}

std::vector<std::string> Workload::problems(client::Client& reader) const {
  std::vector<std::string> found;
  const auto compare = [&](const std::string& what, const std::string& is, const auto& expected) {
    const std::string wanted = fmt::format("{}", expected);
    if (is != wanted) found.push_back(fmt::format("{} is {}, should be {}", what, is, wanted));
  };
  const auto read = [&](const std::string& key) {
    return text_of(must_commit(reader, app::KvGet{to_bytes(key)}).value.value_or(Bytes{}));
  };
  auto stored = read_all(reader, "put/");
  const std::size_t fresh_stored = stored.size();
  stored.merge(read_all(reader, "hot/"));
  std::set<std::int64_t> sums;
  std::size_t increments = 0;
  std::size_t fresh = 0;
  for (const auto& worker : workers_) {
    for (const std::string& failure : worker->failures) found.push_back(failure);
    for (const auto& [key, value] : worker->values) {
      compare(key, stored[key], value);
      fresh += key.starts_with("put/") ? 1 : 0;
    }
    increments += worker->shared_sums.size();
    sums.insert(worker->shared_sums.begin(), worker->shared_sums.end());
    compare("own/" + worker->name, read("own/" + worker->name), worker->own_sum);
  }
  compare("the number of keys", std::to_string(fresh_stored), fresh);
  compare("the number of different sums", std::to_string(sums.size()), increments);
  compare(kShared, read(kShared), increments);
  return found;
}

void Workload::verify(client::Client& reader) const {
  for (const std::string& problem : problems(reader)) ADD_FAILURE() << problem;
}

double Workload::longest_gap(Clock::time_point from, Clock::time_point to) const {
  std::vector<Clock::time_point> times = {from};
  for (const auto& worker : workers_) {
    for (const Clock::time_point time : worker->times) {
      if (time >= from) times.push_back(time);
    }
  }
  std::sort(times.begin(), times.end());
  Clock::duration longest{0};
  for (std::size_t i = 0; i + 1 < times.size() && times[i] <= to; ++i) {
    longest = std::max(longest, times[i + 1] - times[i]);
  }
  return std::chrono::duration<double>(longest).count();
}

std::map<std::string, std::string> read_all(client::Client& client, const std::string& prefix) {
  std::map<std::string, std::string> all;
  app::KvScan scan{to_bytes(prefix), std::nullopt, 1000};
  for (bool more = true; more;) {
    const app::KvResult page = must_commit(client, scan);
    for (const app::KvPair& pair : page.entries) all[text_of(pair.key)] = text_of(pair.value);
    more = page.more && !page.entries.empty();
    if (more) scan.start_after = page.entries.back().key;
  }
  return all;
}

}  // namespace waggle::integration
