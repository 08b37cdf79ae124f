#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crypto/ed25519.hpp"
#include "crypto/random.hpp"
#include "crypto/sha256.hpp"
#include "smr/client/chain_file.hpp"
#include "smr/client/client.hpp"
#include "smr/client/lanes.hpp"
#include "smr/client/links.hpp"
#include "smr/client/questions.hpp"

/// Inside the client library only.
namespace waggle::client {

using Clock = std::chrono::steady_clock;

inline const crypto::Sha256Hasher kHasher;

/// Signs nothing; stands in for a key in clients that only read.
class NoKey final : public Signer {
 public:
  const PublicKey& public_key() const noexcept override { return key_; }
  Signature sign(ByteView) const noexcept override { return {}; }

 private:
  PublicKey key_;
};

/// Lives on the thread of its links, with the lanes and the questions. Other threads post.
class Client::Impl final : public Links::Listener {
 public:
  Impl(ClientOptions options, std::unique_ptr<NumberStore> numbers,
       std::unique_ptr<ChainFile> chains)
      : options_(std::move(options)),
        numbers_(std::move(numbers)),
        chains_(std::move(chains)),
        signer_(options_.key ? options_.key : std::make_shared<NoKey>()),
        links_(options_.links ? options_.links : std::make_shared<Links>(options_.replicas)),
        lanes_(options_, *signer_, stores(), rng_),
        questions_([this] { return links_->next_read_id(); }),
        proofs_(options_.chain.get(), static_cast<std::uint32_t>(options_.replicas.size()),
                verifier_, kHasher) {
    run([this] {
      timer_.emplace(links_->loop());
      links_->add(*this);
    });
  }

  /// Reports what is open. What its callbacks submit is reported in the second round, and what
  /// those of that round submit never.
  ~Impl() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    room_.notify_all();
    run_and_wait([this] { close(); });
    run_and_wait([this] { close(); });
    run_and_wait([this] {
      links_->remove(*this);
      timer_.reset();
      *alive_ = false;
    });
  }

  const ClientOptions& options() const { return options_; }
  const ClientId& id() const override { return signer_->public_key(); }
  std::string what_exceeds(const std::vector<Bytes>& commands) const {
    return lanes_.what_exceeds(commands);
  }
  std::size_t group_max() const { return lanes_.group_max(); }

  void submit(Group group, Duration timeout) {
    const std::size_t count = group.commands.size();
    const auto deadline = Clock::now() + timeout;
    if (!take_room(count, deadline)) {
      const std::string why = "too many commands are queued ahead of it";
      links_->loop().post([done = std::move(group.done), count, why] {
        done(std::vector<Outcome>(count, NotSent{why}));
      });
      return;
    }
    group.deadline = since_start(deadline);
    run([this, count, group = std::move(group)]() mutable {
      lanes_.submit(std::move(group), now());
      arrived_ += count;
    });
  }

  /// On the links' thread; what the function causes is sent and reported at once.
  template <class Function>
  void run(Function function) {
    // std::function wants what can be copied.
    auto shared = std::make_shared<Function>(std::move(function));
    links_->loop().post([this, shared, alive = alive_] {
      if (!*alive) return;
      (*shared)();
      settle();
    });
  }

  Lanes& lanes() { return lanes_; }
  ChainFile* chains() { return chains_.get(); }
  Questions& questions() { return questions_; }
  ProofFetcher& proofs() { return proofs_; }
  bool up(ReplicaId replica) const { return links_->up(replica); }
  Duration deadline_after(Duration timeout) const { return since_start(Clock::now() + timeout); }
  Duration now() const { return since_start(Clock::now()); }

  std::string connection_error(ReplicaId replica) const { return links_->error(replica); }

  // Of Links::Listener.

  void connection_up(ReplicaId replica) override {
    lanes_.connection_up(replica, now());
    questions_.connection_up(replica);
    proofs_.connection_up(replica, now());
  }

  void connection_down(ReplicaId replica, const std::string& why) override {
    proofs_.connection_down(replica, now());
    lanes_.connection_down(replica, why, now());
  }

  Result<void, Refusal> receive(ReplicaId from, const smr::ReplicaMessage& message) override {
    if (auto taken = questions_.receive(from, message); !taken) return taken;
    if (const auto* proof = std::get_if<smr::ProofResult>(&message)) {
      proofs_.receive(from, *proof, now());
      proofs_.tick(now());
    }
    lanes_.receive(from, message, now());
    return {};
  }

  /// Sends and reports what the last calls caused, and sets the timer.
  void settle() override {
    send_all(lanes_.take_sendings());
    for (const Sending& sending : questions_.take_sendings()) send(sending);
    for (const Sending& sending : proofs_.take_sendings()) send(sending);
    for (Completion& completion : lanes_.take_completions()) {
      completion.done(std::move(completion.outcomes));
    }
    give_room();
    const bool needed =
        lanes_.next_tick(now()).has_value() || !questions_.empty() || !proofs_.empty();
    if (needed && !ticking_ && timer_) {
      ticking_ = true;
      const Duration after =
          lanes_.next_tick(now()).value_or(now() + std::chrono::milliseconds(10)) - now();
      timer_->start(after, [this] { tick(); });
    }
  }

 private:
  Stores stores() const { return {*numbers_, chains_.get()}; }

  Duration since_start(Clock::time_point time) const {
    return std::chrono::duration_cast<Duration>(time - start_);
  }

  void run_and_wait(const std::function<void()>& function) {
    std::promise<void> done;
    links_->loop().post([&] {
      function();
      settle();
      done.set_value();
    });
    done.get_future().wait();
  }

  void tick() {
    ticking_ = false;
    lanes_.tick(now());
    questions_.tick(now());
    proofs_.tick(now());
    settle();
  }

  void close() {
    lanes_.close();
    (void)stores().sync().has_value();  // If it fails, the next start makes up for it.
    questions_.tick(Duration::max());
    proofs_.tick(Duration::max());
  }

  /// Numbers are on disk before what carries them leaves the process.
  void send_all(const std::vector<Sending>& sendings) {
    if (sendings.empty() || store_failed_) return;
    if (const auto synced = stores().sync(); !synced) {
      store_failed_ = true;
      return lanes_.store_failed(synced.error(), now());
    }
    for (const Sending& sending : sendings) send(sending);
  }

  void send(const Sending& sending) { links_->send(sending.to, sending.message); }

  bool take_room(std::size_t count, Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    const auto has_room = [&] {
      return closing_ || queued_ + count <= options_.batching.queue_commands_max;
    };
    if (!links_->on_own_thread() && !room_.wait_until(lock, deadline, has_room)) return false;
    queued_ += count;
    return true;
  }

  /// What arrived at the lanes and left their queues makes room.
  void give_room() {
    const std::size_t waiting = std::min(lanes_.queued_commands(), arrived_);
    const std::size_t left = arrived_ - waiting;
    if (left == 0) return;
    arrived_ = waiting;
    {
      const std::lock_guard lock(mutex_);
      queued_ -= left;
    }
    room_.notify_all();
  }

  const ClientOptions options_;
  const Clock::time_point start_ = Clock::now();
  std::unique_ptr<NumberStore> numbers_;
  std::unique_ptr<ChainFile> chains_;  ///< Or null.
  std::shared_ptr<const Signer> signer_;
  const std::shared_ptr<Links> links_;

  // Of the links' thread.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  crypto::SystemRng rng_;
  Lanes lanes_;
  Questions questions_;
  const crypto::Ed25519Verifier verifier_;
  ProofFetcher proofs_;
  std::optional<net::Timer> timer_;
  bool store_failed_ = false;  ///< Nothing of the lanes is sent any more.
  bool ticking_ = false;
  std::size_t arrived_ = 0;  ///< Commands counted in queued_ that the lanes have.

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::size_t queued_ = 0;  ///< Commands between submit() and the engine's sending them.
  bool closing_ = false;
};

}  // namespace waggle::client
