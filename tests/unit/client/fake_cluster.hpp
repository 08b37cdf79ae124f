#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/core/request.hpp"
#include "crypto/ed25519.hpp"
#include "smr/client/engine.hpp"

/// A cluster as one client sees it, in virtual time: replicas that order and execute its requests
/// as sessions do, and that may misbehave. Results are "r" and the command.
namespace waggle::client::testing_support {

enum class Mood {
  kHonest,
  kSilent,    ///< Takes everything, answers nothing.
  kLiar,      ///< Answers at once, wrongly.
  kRefusing,  ///< Refuses requests with `refusal`.
};

inline crypto::Ed25519Signer test_key() {
  std::array<std::uint8_t, crypto::kSeedSize> seed{1, 2, 3};
  return crypto::Ed25519Signer(crypto::KeyPair::from_seed(seed));
}

class MemoryStore final : public NumberStore {
 public:
  std::optional<std::uint64_t> used_below(std::uint16_t) const override { return value; }
  Result<void, std::string> set_used_below(std::uint64_t number) override {
    if (broken) return Unexpected{std::string("disk full")};
    value = number;
    ++writes;
    return {};
  }
  Result<void, std::string> sync() override { return {}; }
  std::optional<std::uint64_t> value;
  bool broken = false;
  int writes = 0;
};

/// A linear congruential generator: the same run every time.
class TestRng final : public Rng {
 public:
  explicit TestRng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() noexcept override {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return state_ >> 16;
  }

 private:
  std::uint64_t state_;
};

class FakeCluster {
 public:
  explicit FakeCluster(std::uint32_t n = 4);

  // What may be changed at any time.
  std::vector<Mood> moods;
  Refusal refusal = Refusal::kMempoolFull;
  bool spare_fillers = false;  ///< They are not refused.
  bool ordering = true;        ///< Whether requests commit.
  Duration order_delay = std::chrono::milliseconds(4);
  Duration link_delay = std::chrono::milliseconds(1);
  std::optional<std::uint32_t> nearest;  ///< Its answers take half of that.

  // The client under test.
  ClientOptions options;
  MemoryStore store;
  /// Makes a client that knows what the store knows, with all connections up.
  void start_client();
  /// The client vanishes without a word, with what it sent still on its way.
  void kill_client();
  Engine& engine() { return *engine_; }
  bool has_client() const { return engine_ != nullptr; }
  void connect(std::uint32_t replica);
  void disconnect(std::uint32_t replica);

  /// Submits commands as one group; their outcomes appear in outcomes().
  void submit(std::vector<std::string> commands, Duration timeout = std::chrono::seconds(5));
  void resume(std::uint64_t number, Duration timeout = std::chrono::seconds(5));
  /// By command; of resumed ones by "#number".
  const std::map<std::string, Outcome>& outcomes() const { return outcomes_; }
  template <class Kind>
  const Kind* outcome(const std::string& command) const {
    const auto found = outcomes_.find(command);
    return found == outcomes_.end() ? nullptr : std::get_if<Kind>(&found->second);
  }

  void run_for(Duration span);
  Duration now() const { return now_; }

  // What happened.
  const std::vector<std::string>& executed() const { return executed_; }  ///< Fillers left out.
  std::uint64_t fillers() const { return fillers_; }
  std::uint64_t lowest() const { return lowest_; }
  std::uint64_t blocks() const { return height_; }
  /// To whom requests were sent, one entry per sending.
  const std::vector<std::uint32_t>& sent_to() const { return sent_to_; }
  void forget_sendings() { sent_to_.clear(); }
  /// The session ends, and all numbers up to `floor` with it.
  void evict_session(std::uint64_t floor);

 private:
  struct Executed {
    std::uint64_t height = 0;
    Bytes result;
  };
  void at(Duration when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  void flush();
  void arrive(std::uint32_t replica, const smr::ClientMessage& message);
  void take_request(std::uint32_t replica, const SharedBytes& bytes);
  void execute(const SharedBytes& bytes);
  void answer(std::uint32_t replica, const SharedBytes& bytes);
  void reply(std::uint32_t replica, smr::ReplicaMessage message);
  bool is_filler(const SharedBytes& bytes) const;
  bool settled(const RequestRef& request) const;
  RequestRef parse(const SharedBytes& bytes) const;

  crypto::Ed25519Signer key_ = test_key();
  TestRng rng_{1};
  LatencyEstimate latency_;
  std::unique_ptr<Engine> engine_;
  std::uint64_t incarnation_ = 0;
  std::vector<bool> up_;

  Duration now_{0};
  std::optional<Duration> tick_;
  std::multimap<Duration, std::function<void()>> events_;
  std::map<std::string, Outcome> outcomes_;
  std::vector<std::uint32_t> sent_to_;

  std::uint64_t height_ = 0;
  std::uint64_t start_ = 1;  ///< Where the session began.
  std::uint64_t lowest_ = 1;
  std::map<std::uint64_t, Executed> results_;
  std::vector<std::string> executed_;
  std::uint64_t fillers_ = 0;
  std::map<SharedBytes, std::set<std::uint32_t>> waiting_;  ///< Who is to answer when it commits.
};

}  // namespace waggle::client::testing_support
