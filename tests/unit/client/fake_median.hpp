#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/sha256.hpp"
#include "smr/certificate/server_chains.hpp"
#include "smr/client/chain_file.hpp"
#include "smr/client/lanes.hpp"
#include "smr/median/named.hpp"
#include "tests/unit/client/fake_cluster.hpp"

/// Servers of the median rule as one client sees them, in virtual time: in each lane a number
/// executes when all below it have, and a server tells of it when it has heard. Results are "r" and
/// the command.
namespace waggle::client::testing_support {

/// Bounds of lanes, in memory; what was not synced is forgotten by crash().
class MemoryLanes final : public NumberStore {
 public:
  std::optional<std::uint64_t> used_below(std::uint16_t lane) const override;
  Result<void, std::string> set_used_below(std::uint64_t number) override;
  Result<void, std::string> sync() override;
  void crash() { fresh = durable; }

  bool key_is_new = true;
  bool broken = false;  ///< Syncs fail.
  std::map<std::uint16_t, std::uint64_t> fresh, durable;
};

class FakeMedian {
 public:
  explicit FakeMedian(std::uint32_t n = 10);

  // What may be changed at any time.
  std::vector<bool> blocked;  ///< By server: takes nothing, answers nothing.
  std::vector<Duration> lag;  ///< By server: how much later than the first it hears what executed.
  bool ordering = true;
  Duration order_delay = std::chrono::milliseconds(400);
  Duration link_delay = std::chrono::milliseconds(1);

  ClientOptions options;
  MemoryLanes store;
  /// Keeps chains from the next start_client() on, in this file.
  std::filesystem::path chain_file;
  ChainFile* chains() { return chains_.get(); }
  /// What a server says of a certificate; empty: it is right.
  std::string judge(const certificate::Certificate& certificate) const;
  void start_client();
  /// The process ends without a word; what was not synced is lost.
  void kill_client();
  Lanes& client() { return *lanes_; }

  /// Submits a group; outcomes appear in outcomes().
  void submit(std::vector<std::string> commands, Duration timeout = std::chrono::seconds(30));
  void resume(std::uint64_t number, Duration timeout = std::chrono::seconds(5));
  /// By command; of resumed ones by "#number".
  const std::map<std::string, Outcome>& outcomes() const { return outcomes_; }
  template <class Kind>
  const Kind* outcome(const std::string& command) const {
    const auto found = outcomes_.find(command);
    return found == outcomes_.end() ? nullptr : std::get_if<Kind>(&found->second);
  }
  /// The number becomes a null entry: two commands clashed.
  void nullify(std::uint64_t number);

  void run_for(Duration span);
  Duration now() const { return now_; }

  // What happened.
  const std::vector<std::string>& executed() const { return executed_; }  ///< Fillers left out.
  std::uint64_t fillers() const { return fillers_; }
  /// Requests that were sent: by number, to whom.
  const std::multimap<std::uint64_t, std::uint32_t>& sent() const { return sent_; }
  /// The most commands of one request, and of one lane that were under way at once.
  std::size_t commands_max() const { return commands_max_; }
  std::size_t lane_max() const { return lane_max_; }

 private:
  struct Executed {
    Duration when{0};
    std::optional<Bytes> result;  ///< Nothing: a null entry.
  };
  ClientId session(std::uint16_t lane) const {
    return median::lane_client(key_.public_key(), lane, hasher_);
  }
  struct Lane {
    std::vector<Executed> log;  ///< Number i + 1 of the lane.
  };
  void at(Duration when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  void flush();
  void arrive(std::uint32_t server, const smr::ClientMessage& message);
  void take_request(std::uint32_t server, const SharedBytes& bytes);
  void execute(const SharedBytes& bytes);
  void answer(std::uint32_t server, std::uint64_t number);
  void reply(std::uint32_t server, smr::ReplicaMessage message);
  /// Numbers of the lane that the server knows as executed.
  std::uint64_t known(std::uint32_t server, std::uint16_t lane) const;

  crypto::Ed25519Signer key_ = test_key();
  TestRng rng_{1};
  std::unique_ptr<Lanes> lanes_;
  std::uint64_t incarnation_ = 0;
  Duration now_{0};
  std::optional<Duration> tick_;
  std::multimap<Duration, std::function<void()>> events_;
  std::map<std::string, Outcome> outcomes_;
  std::multimap<std::uint64_t, std::uint32_t> sent_;
  std::size_t commands_max_ = 0;
  std::size_t lane_max_ = 0;

  const crypto::Sha256Hasher hasher_;
  std::unique_ptr<ChainFile> chains_;
  certificate::ServerChains forest_;
  std::map<std::uint16_t, Lane> log_;
  std::vector<std::string> executed_;
  std::uint64_t fillers_ = 0;
  std::map<SharedBytes, std::set<std::uint32_t>> waiting_;  ///< Who is to answer when it executes.
};

}  // namespace waggle::client::testing_support
