#include "smr/client/client.hpp"

#include <fmt/format.h>

#include "smr/client/client_impl.hpp"
#include "smr/client/number_file.hpp"

namespace waggle::client {
namespace {

Result<void, std::string> check(const ClientOptions& options) {
  if (options.replicas.empty()) return Unexpected{std::string("no replicas given")};
  if (options.batching.commands_max < 1 || options.batching.requests_in_flight_max < 1 ||
      options.batching.lanes_max < 1 || options.batching.queue_commands_max < kWindow) {
    return Unexpected{fmt::format("batching: numbers must be at least 1, the queue {}", kWindow)};
  }
  if (options.batching.lanes_max > 0x10000) {
    return Unexpected{std::string("batching: there are 65536 lanes")};
  }
  if (options.links && options.links->replicas() != options.replicas) {
    return Unexpected{std::string("links: they lead to other replicas")};
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Client>, std::string> Client::open(ClientOptions options) {
  if (const auto fits = check(options); !fits) return Unexpected{fits.error()};
  std::unique_ptr<NumberStore> numbers = std::make_unique<NoNumberStore>(options.key_is_new);
  if (options.key && !options.number_file.empty()) {
    auto file = NumberFile::open(options.number_file, options.chain_id, options.key->public_key());
    if (!file) return Unexpected{file.error()};
    numbers = std::move(*file);
  }
  std::unique_ptr<ChainFile> chains;
  if (options.key && !options.chain_file.empty() && capability_of(options).one_by_one()) {
    auto file =
        ChainFile::open(options.chain_file, options.chain_id, options.key->public_key(), kHasher);
    if (!file) return Unexpected{file.error()};
    chains = std::move(*file);
  }
  auto impl = std::make_unique<Impl>(std::move(options), std::move(numbers), std::move(chains));
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

std::uint32_t Client::n() const noexcept {
  return static_cast<std::uint32_t>(impl_->options().replicas.size());
}
std::size_t Client::group_max() const noexcept { return impl_->group_max(); }

bool Client::fits(const std::vector<Bytes>& commands) const noexcept {
  return !commands.empty() && what_exceeds(commands).empty();
}

std::string Client::what_exceeds(const std::vector<Bytes>& commands) const {
  return impl_->what_exceeds(commands);
}

void Client::submit_group(std::vector<Bytes> commands, Duration timeout, Done done) {
  if (!done) done = [](const std::vector<Outcome>&) {};
  if (!impl_->options().key || !fits(commands)) {
    const Outcome outcome = impl_->options().key
                                ? Outcome(Rejected{Refusal::kTooLarge, what_exceeds(commands)})
                                : Outcome(NotSent{"this client has no key to sign with"});
    impl_->run([done = std::move(done), outcomes = std::vector<Outcome>(commands.size(), outcome)] {
      done(outcomes);
    });
    return;
  }
  impl_->submit({std::move(commands), Duration{0}, std::move(done)}, timeout);
}

void Client::submit(Bytes command, Duration timeout, std::function<void(Outcome)> done) {
  std::vector<Bytes> commands;
  commands.push_back(std::move(command));
  submit_group(std::move(commands), timeout, [done = std::move(done)](std::vector<Outcome> all) {
    done(std::move(all.front()));
  });
}

std::future<Outcome> Client::submit(Bytes command, Duration timeout) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto future = promise->get_future();
  submit(std::move(command), timeout,
         [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
  return future;
}

Outcome Client::execute(Bytes command, Duration timeout) {
  return submit(std::move(command), timeout).get();
}

std::vector<Outcome> Client::execute_group(std::vector<Bytes> commands, Duration timeout) {
  std::promise<std::vector<Outcome>> promise;
  auto future = promise.get_future();
  submit_group(std::move(commands), timeout,
               [&](std::vector<Outcome> outcomes) { promise.set_value(std::move(outcomes)); });
  return future.get();
}

Outcome Client::resume(std::uint64_t number, Duration timeout) {
  std::promise<Outcome> promise;
  auto future = promise.get_future();
  impl_->run([&, deadline = impl_->deadline_after(timeout)] {
    impl_->lanes().resume(
        number, deadline,
        [&](std::vector<Outcome> outcomes) { promise.set_value(std::move(outcomes.front())); },
        impl_->now());
  });
  return future.get();
}

Result<certificate::Certificate, std::string> Client::certificate(std::uint64_t number) {
  using Answer = Result<certificate::Certificate, std::string>;
  std::promise<Answer> promise;
  auto future = promise.get_future();
  impl_->run([&] {
    if (impl_->chains() == nullptr) {
      return promise.set_value(Unexpected{std::string("this client keeps no certificates")});
    }
    auto found = impl_->chains()->certificate(number);
    if (!found) return promise.set_value(Unexpected{found.error()});
    if (*found) return promise.set_value(std::move(**found));
    promise.set_value(
        Unexpected{fmt::format("no command of this key is acknowledged under {}", number)});
  });
  return future.get();
}

const ClientId& Client::id() const noexcept { return impl_->id(); }

void Client::prove(const ClientId& client, std::uint64_t number, Duration timeout, ProofDone done) {
  impl_->run([this, query = smr::ProofQuery{client, number, {}},
              deadline = impl_->deadline_after(timeout), done = std::move(done)]() mutable {
    ChainFile* chains = query.client == id() ? impl_->chains() : nullptr;
    if (chains != nullptr) {
      const auto found = chains->certificate(query.number);
      if (!found) return done(Unexpected{found.error()});
      if (*found) query.certificate = encode(**found);
    }
    impl_->proofs().fetch(std::move(query), deadline, std::move(done), impl_->now());
  });
}

std::future<ProofOutcome> Client::prove(const certificate::Certificate& certificate,
                                        Duration timeout) {
  const auto promise = std::make_shared<std::promise<ProofOutcome>>();
  impl_->run([this,
              query = smr::ProofQuery{certificate.client, certificate.number, encode(certificate)},
              deadline = impl_->deadline_after(timeout), promise]() mutable {
    impl_->proofs().fetch(
        std::move(query), deadline,
        [promise](ProofOutcome outcome) { promise->set_value(std::move(outcome)); }, impl_->now());
  });
  return promise->get_future();
}

std::future<ProofOutcome> Client::prove(const ClientId& client, std::uint64_t number,
                                        Duration timeout) {
  auto promise = std::make_shared<std::promise<ProofOutcome>>();
  auto future = promise->get_future();
  prove(client, number, timeout,
        [promise](ProofOutcome outcome) { promise->set_value(std::move(outcome)); });
  return future;
}

std::future<std::optional<smr::LocalReadResult>> Client::local_read(ReplicaId replica, Bytes query,
                                                                    Duration timeout) {
  auto promise = std::make_shared<std::promise<std::optional<smr::LocalReadResult>>>();
  auto future = promise->get_future();
  impl_->run([this, replica, query = std::move(query), promise,
              deadline = impl_->deadline_after(timeout)]() mutable {
    impl_->questions().local_read(
        replica, std::move(query), deadline,
        [promise](auto answer) { promise->set_value(std::move(answer)); }, impl_->up(replica));
  });
  return future;
}

std::future<std::optional<smr::Status>> Client::status(ReplicaId replica, Duration timeout) {
  auto promise = std::make_shared<std::promise<std::optional<smr::Status>>>();
  auto future = promise->get_future();
  impl_->run([this, replica, promise, deadline = impl_->deadline_after(timeout)] {
    impl_->questions().status(
        replica, deadline, [promise](auto answer) { promise->set_value(std::move(answer)); },
        impl_->up(replica));
  });
  return future;
}

std::string Client::connection_error(ReplicaId replica) const {
  return impl_->connection_error(replica);
}

}  // namespace waggle::client
