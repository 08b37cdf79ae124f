#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/crypto/symbolic.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/replica/median_host.hpp"
#include "tests/unit/replica/fake_environment.hpp"

namespace waggle::smr {

/// Median hosts in one process, in synchronous rounds, each with a storage in memory. A test may
/// hold a member's writes or its execution back, as a slow disk or state machine would.
class MedianCluster {
 public:
  explicit MedianCluster(std::uint32_t n, std::uint32_t T = 2, std::uint32_t B = 4,
                         std::uint32_t sessions_max = 1024);

  struct Member {
    std::unique_ptr<FakeEnvironment> environment = std::make_unique<FakeEnvironment>();
    std::unique_ptr<sim::SymbolicSigner> signer;
    std::unique_ptr<sim::Random> rng;
    std::optional<SealedExecutor> executor;
    std::unique_ptr<MedianHost> host;
    bool writes_held = false;
    bool execution_held = false;
    bool cut_off = false;  ///< Sends and hears nothing.
  };
  Member& member(std::uint32_t index) { return members_.at(index); }
  MedianHost& host(std::uint32_t index) { return *members_.at(index).host; }
  FakeEnvironment& environment(std::uint32_t index) { return *members_.at(index).environment; }
  std::uint32_t n() const { return static_cast<std::uint32_t>(members_.size()); }

  void start(std::uint32_t index, bool rejoin = false);
  /// What it wrote stays; what it had not written or said is lost.
  void crash(std::uint32_t index);
  /// Its disk is lost, too.
  void wipe(std::uint32_t index);

  void round();
  void rounds(std::uint32_t count);
  /// Until nothing happens any more within this round.
  void settle();
  /// A second passes on every host.
  void tick();

  /// Put KEY = VALUE, signed by this client, which is a number here.
  VerifiedRequest put(std::uint32_t client, std::uint64_t number, const std::string& value);
  ClientId client(std::uint32_t client);
  void submit(std::uint32_t index, std::uint64_t connection, const VerifiedRequest& request);
  /// Replies of one kind over a connection, since the last call.
  template <class Reply>
  std::vector<Reply> take(std::uint32_t index, std::uint64_t connection) {
    std::vector<Reply> found;
    auto& replies = environment(index).replies;
    for (auto at = replies.begin(); at != replies.end();) {
      const auto* reply = std::get_if<Reply>(&at->second);
      if (at->first.value != connection || !reply) {
        ++at;
        continue;
      }
      found.push_back(*reply);
      at = replies.erase(at);
    }
    return found;
  }
  /// What the server's state machine holds under the client's key.
  std::string value(std::uint32_t index, std::uint32_t client);

  const ChainConfig& chain() const { return chain_; }
  const Hasher& hasher() const { return hasher_; }
  const Verifier& verifier() const { return ring_; }

 private:
  bool deliver(std::uint32_t from);
  bool work(std::uint32_t index);

  ChainConfig chain_;
  median::Parameters parameters_;
  sim::SymbolicHasher hasher_;
  sim::KeyRing ring_;
  app::KvStore machine_;
  std::vector<Member> members_;
  median::Round now_ = 0;
};

/// What the host says of itself: the codes of its findings, in their order.
std::vector<std::string> codes(const MedianHost& host);

}  // namespace waggle::smr
