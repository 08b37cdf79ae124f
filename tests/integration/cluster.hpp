#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "smr/app/kv_command.hpp"
#include "smr/client/client.hpp"
#include "smr/config/testnet.hpp"
#include "tests/integration/process.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::integration {

/// A testnet of real processes in a folder of its own. Everything stops with the object, and the
/// folder goes, unless the test has failed: then the ends of the logs are printed and it stays.
/// Main thread only; clients may be used from any.
class Cluster {
 public:
  /// `pacemaker`: lines for that section of every waggled.toml. Closed to clients but client.key
  /// unless `open_clients`.
  explicit Cluster(std::uint32_t replicas = 4, const std::string& pacemaker = "",
                   bool open_clients = true);
  /// With protocol = "median".
  static config::TestnetOptions median(std::uint32_t servers);
  explicit Cluster(config::TestnetOptions options);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  std::uint32_t n() const noexcept { return options_.replicas; }
  const std::filesystem::path& folder() const noexcept { return folder_.path(); }
  std::filesystem::path home(std::uint32_t replica) const;
  std::filesystem::path data(std::uint32_t replica) const { return home(replica) / "data"; }
  std::filesystem::path config(std::uint32_t replica) const {
    return home(replica) / "waggled.toml";
  }
  const Digest& chain_id() const noexcept { return base_.chain_id; }
  /// Where clients find the replica, and by which key they know it.
  const client::ReplicaAddress& client_address(std::uint32_t replica) const {
    return base_.replicas.at(replica);
  }
  config::TestnetPorts ports() const { return {options_.base_port}; }
  std::string log(std::uint32_t replica) const;

  std::vector<std::string> command(std::uint32_t replica,
                                   const std::vector<std::string>& more = {}) const;
  void start(std::uint32_t replica, const std::vector<std::string>& more = {});
  void start_all();
  /// SIGKILL, and waits until it is gone.
  void kill(std::uint32_t replica);
  Process& process(std::uint32_t replica) { return *processes_.at(replica); }
  /// SIGKILL for all before waiting for any.
  void kill_all();
  bool running(std::uint32_t replica);
  /// As if the disk were lost. The replica must not be running.
  void wipe(std::uint32_t replica);

  /// Of a client without a key.
  const client::ClientOptions& client_options() const noexcept { return base_; }
  /// A client with a new key, on links of its own if none are given.
  std::unique_ptr<client::Client> open_client(std::shared_ptr<client::Links> links = nullptr) const;
  /// What the replica says of itself; nothing if it does not answer.
  std::optional<smr::Status> status(std::uint32_t replica);
  /// Notes what all running replicas say and checks it against what was noted before: a state
  /// digest belongs to one height.
  std::vector<smr::Status> statuses();

  /// Asks again and again until the condition holds.
  static bool await(milliseconds timeout, const std::function<bool()>& condition);
  /// All running replicas answer, and are active.
  bool await_active(milliseconds timeout);
  /// All running replicas have executed the same height, at least `height`, with the same digest.
  bool await_equal(milliseconds timeout, Height height = {});

 private:
  void make();
  void print_logs() const;

  TempFolder folder_;
  config::TestnetOptions options_;
  client::ClientOptions base_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::unique_ptr<client::Client> observer_;
  std::map<Height, Digest> digests_;
};

/// The result of a command that is committed within the time; otherwise fails the test.
app::KvResult must_commit(client::Client& client, const app::KvCommand& command,
                          milliseconds timeout = seconds(20));
std::string describe(const client::Outcome& outcome);
std::string describe(const smr::Status& status);
app::KvCommand put(const std::string& key, const std::string& value);
app::KvCommand increment(const std::string& key);
/// A number out of an environment variable.
std::uint64_t from_environment(const char* name, std::uint64_t fallback);
double seconds_since(Clock::time_point start);

}  // namespace waggle::integration
