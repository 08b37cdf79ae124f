#include "tests/integration/cluster.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "consensus/core/encoding.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/key_file.hpp"
#include "crypto/sha256.hpp"
#include "smr/config/cluster.hpp"
#include "smr/config/genesis.hpp"
#include "tests/integration/sockets.hpp"

namespace waggle::integration {
namespace {

namespace fs = std::filesystem;

/// Below the range from which the kernel takes ports for outgoing connections. Tests that run side
/// by side begin elsewhere: what one finds free, another may have found free as well.
std::uint16_t find_ports(std::uint32_t replicas) {
  static std::uint32_t next = 37 * static_cast<std::uint32_t>(getpid());
  for (int tries = 0; tries < 170; ++tries) {
    const auto base = static_cast<std::uint16_t>(15'000 + 100 * (next++ % 170));
    bool free = true;
    for (std::uint32_t i = 0; i < replicas; ++i) {
      for (std::uint32_t use = 0; use < 3; ++use) {
        free = free && port_is_free(static_cast<std::uint16_t>(base + 10 * i + use));
      }
    }
    if (free) return base;
  }
  throw std::runtime_error("no free ports");
}

}  // namespace

Cluster::Cluster(std::uint32_t replicas, const std::string& pacemaker, bool open_clients) {
  options_.replicas = replicas;
  options_.open_clients = open_clients;
  make();
  for (std::uint32_t i = 0; i < replicas && !pacemaker.empty(); ++i) {
    std::string text = read_text(config(i));
    const std::string section = "[pacemaker]\n";
    write_text(config(i), text.insert(text.find(section) + section.size(), pacemaker));
  }
}

Cluster::Cluster(config::TestnetOptions options) : options_(std::move(options)) { make(); }

config::TestnetOptions Cluster::median(std::uint32_t servers) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  config::TestnetOptions options;
  options.replicas = servers;
  options.median = config::median_defaults(
      servers, static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(now).count()));
  return options;
}

void Cluster::make() {
  processes_.resize(n());
  options_.folder = folder();
  options_.base_port = find_ports(n());
  if (auto made = config::create_testnet(options_); !made) {
    throw std::runtime_error(made.error().to_string());
  }
  const crypto::Sha256Hasher hasher;
  const crypto::Ed25519Verifier verifier;
  const auto genesis = config::load_genesis((folder() / "genesis.toml").string(), hasher);
  if (!genesis) throw std::runtime_error(genesis.error().to_string());
  const auto cluster =
      config::load_cluster((folder() / "cluster.toml").string(), *genesis->chain, verifier);
  if (!cluster) throw std::runtime_error(cluster.error().to_string());
  base_.chain_id = genesis->chain->chain_id;
  base_.limits = genesis->chain->limits;
  if (genesis->median) base_.chain = genesis->chain;
  for (const config::ClusterMember& member : cluster->members) {
    base_.replicas.push_back(
        {{member.client_address.host, member.client_address.port}, member.tls_key});
  }
}

Cluster::~Cluster() {
  observer_.reset();
  for (auto& process : processes_) process.reset();
  if (!testing::Test::HasFailure()) return;
  print_logs();
  folder_.keep();
}

void Cluster::print_logs() const {
  constexpr std::size_t kShown = 4000;
  for (std::uint32_t i = 0; i < n(); ++i) {
    const std::string text = log(i);
    const std::string end = text.size() > kShown ? text.substr(text.size() - kShown) : text;
    std::cerr << "---- replica " << i << ", end of its log\n" << end;
  }
  std::cerr << "---- kept: " << folder().string() << "\n";
}

fs::path Cluster::home(std::uint32_t replica) const {
  return folder() / ("replica-" + std::to_string(replica));
}

std::string Cluster::log(std::uint32_t replica) const {
  return read_text(home(replica) / "waggled.log");
}

std::vector<std::string> Cluster::command(std::uint32_t replica,
                                          const std::vector<std::string>& more) const {
  std::vector<std::string> command = {WAGGLE_BIN_DIR "/waggled", "--config",
                                      config(replica).string()};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

void Cluster::start(std::uint32_t replica, const std::vector<std::string>& more) {
  processes_.at(replica) = std::make_unique<Process>(command(replica, more), home(replica) / "out",
                                                     home(replica) / "waggled.log");
}

void Cluster::start_all() {
  for (std::uint32_t i = 0; i < n(); ++i) start(i);
}

void Cluster::kill(std::uint32_t replica) { processes_.at(replica).reset(); }

void Cluster::kill_all() {
  for (const auto& process : processes_) {
    if (process) process->signal(SIGKILL);
  }
  for (auto& process : processes_) process.reset();
}

bool Cluster::running(std::uint32_t replica) {
  return processes_.at(replica) && processes_.at(replica)->running();
}

void Cluster::wipe(std::uint32_t replica) { fs::remove_all(data(replica)); }

std::unique_ptr<client::Client> Cluster::open_client(std::shared_ptr<client::Links> links) const {
  client::ClientOptions options = base_;
  options.links = std::move(links);
  options.key = std::make_shared<crypto::Ed25519Signer>(crypto::KeyPair::generate());
  options.key_is_new = true;
  auto opened = client::Client::open(std::move(options));
  if (!opened) throw std::runtime_error(opened.error());
  return std::move(*opened);
}

std::optional<smr::Status> Cluster::status(std::uint32_t replica) {
  if (!observer_) {
    auto opened = client::Client::open(base_);
    if (!opened) throw std::runtime_error(opened.error());
    observer_ = std::move(*opened);
  }
  return observer_->status(ReplicaId{replica}, milliseconds(500)).get();
}

std::vector<smr::Status> Cluster::statuses() {
  std::vector<smr::Status> all;
  for (std::uint32_t i = 0; i < n(); ++i) {
    if (!running(i)) continue;
    auto answer = status(i);
    if (!answer) continue;
    const auto [noted, added] = digests_.emplace(answer->executed, answer->state_digest);
    EXPECT_EQ(noted->second, answer->state_digest)
        << "two state digests at height " << answer->executed.value << ", one of replica " << i;
    all.push_back(std::move(*answer));
  }
  return all;
}

bool Cluster::await(milliseconds timeout, const std::function<bool()>& condition) {
  const Clock::time_point deadline = Clock::now() + timeout;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

bool Cluster::await_active(milliseconds timeout) {
  return await(timeout, [this] {
    for (std::uint32_t i = 0; i < n(); ++i) {
      if (!running(i)) continue;
      const auto answer = status(i);
      if (!answer || answer->phase != "active") return false;
    }
    return true;
  });
}

bool Cluster::await_equal(milliseconds timeout, Height height) {
  std::size_t expected = 0;
  for (std::uint32_t i = 0; i < n(); ++i) expected += running(i) ? 1 : 0;
  std::vector<smr::Status> last;
  const bool equal = await(timeout, [&] {
    last = statuses();
    if (last.size() < expected) return false;
    for (const smr::Status& one : last) {
      if (one.executed != last.front().executed || one.executed < height) return false;
      if (one.state_digest != last.front().state_digest) return false;
    }
    return true;
  });
  if (!equal) {
    for (const smr::Status& one : last) std::cerr << describe(one) << "\n";
  }
  return equal;
}

app::KvResult must_commit(client::Client& client, const app::KvCommand& command,
                          milliseconds timeout) {
  const client::Outcome outcome = client.execute(encode(command), timeout);
  const auto* committed = std::get_if<client::Committed>(&outcome);
  if (committed == nullptr) {
    ADD_FAILURE() << "not committed: " << describe(outcome);
    return {};
  }
  const auto result = app::decode_kv_result(committed->result);
  if (!result) {
    ADD_FAILURE() << "unreadable result";
    return {};
  }
  return *result;
}

std::string describe(const client::Outcome& outcome) {
  if (const auto* done = std::get_if<client::Committed>(&outcome)) {
    return fmt::format("committed at height {}", done->height.value);
  }
  if (const auto* rejected = std::get_if<client::Rejected>(&outcome)) {
    return fmt::format("rejected: {}", to_string(rejected->reason));
  }
  if (const auto* not_sent = std::get_if<client::NotSent>(&outcome)) {
    return "not sent: " + not_sent->why;
  }
  const auto& unknown = std::get<client::Unknown>(outcome);
  return fmt::format("unknown, number {}{}", unknown.number,
                     unknown.reason ? ": " + std::string(to_string(*unknown.reason)) : "");
}

std::string describe(const smr::Status& status) {
  return fmt::format("replica {} {} view {} committed {} executed {} digest {} mempool {} peers {}",
                     status.replica.value, status.phase, status.view.value, status.committed.value,
                     status.executed.value, short_hex(status.state_digest), status.mempool_requests,
                     status.peers_connected.size());
}

app::KvCommand put(const std::string& key, const std::string& value) {
  return app::KvPut{to_bytes(key), to_bytes(value)};
}

app::KvCommand increment(const std::string& key) { return app::KvIncrement{to_bytes(key), 1}; }

std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? fallback : std::strtoull(text, nullptr, 10);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace waggle::integration
