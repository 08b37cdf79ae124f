// The median host's part in state transfer: gives its state to servers that are too far behind, and
// takes another's when it is itself.
#include <utility>

#include "smr/replica/median_host.hpp"

namespace waggle::smr {

void MedianHost::on_state_request(ReplicaId from, const StateRequest& request) {
  if (stopped_ || from == setup_.self) return;
  if (auto piece = offer_.on_request(from, request)) environment_.send(from, std::move(*piece));
  if (!offer_.wants_state()) return;
  offer_.take();
  struct Taken {
    std::uint64_t length = 0;
    SharedBytes state;
  };
  auto taken = std::make_shared<Taken>();
  const auto job = [taken,
                    final = server_->final()](SealedExecutor& executor) -> storage::Outcome<void> {
    auto state = executor.state(final);
    if (!state) return Unexpected{state.error()};
    *taken = {executor.position().height.value, std::move(*state)};
    return {};
  };
  environment_.execute(job, [this, taken] {
    for (auto& [peer, piece] : offer_.taken(taken->length, std::move(taken->state))) {
      environment_.send(peer, std::move(piece));
    }
  });
}

/// Without a peer: from the first one that is connected.
void MedianHost::fetch_state(std::optional<ReplicaId> from) {
  if (installing_ || fetch_.under_way()) return;
  if (!from && !connected_.empty()) from = *connected_.begin();
  if (!from) return;
  environment_.log(Severity::kInfo, "event=state_fetched from=" + std::to_string(from->value) +
                                        " behind=" + std::to_string(handed_over_));
  ask(fetch_.begin(*from, handed_over_));
}

void MedianHost::ask(const std::optional<StateFetch::Asking>& asking) {
  if (asking) environment_.send(asking->to, asking->request);
}

void MedianHost::on_state_chunk(ReplicaId from, const StateChunk& chunk) {
  if (stopped_) return;
  const auto next = fetch_.on_chunk(from, chunk);
  if (!next) return desk_.count(next.error());
  ask(*next);
  if (auto state = fetch_.whole()) install(std::move(*state));
}

/// Checked and written where it may take time; the next entries wait behind it.
void MedianHost::install(Bytes state) {
  installing_ = true;
  struct Installed {
    Result<median::FinalPtr, Refusal> final = Unexpected{Refusal::kMalformed};
    Executed position;
  };
  auto installed = std::make_shared<Installed>();
  const auto job = [installed, state = std::move(state), chain = &setup_.chain,
                    verifier =
                        &setup_.verifier](SealedExecutor& executor) -> storage::Outcome<void> {
    auto done = executor.install(state, *chain, *verifier);
    if (!done) return Unexpected{done.error()};
    installed->final = std::move(*done);
    installed->position = executor.position();
    return {};
  };
  environment_.execute(job, [this, installed] {
    installing_ = false;
    on_installed(installed->final, installed->position);
  });
}

void MedianHost::on_installed(const Result<median::FinalPtr, Refusal>& result,
                              const Executed& position) {
  if (!result) {
    desk_.count(result.error());
    environment_.log(Severity::kWarning,
                     "event=state_refused from=" + std::to_string(fetch_.from().value) +
                         " reason=" + std::string(to_string(result.error())));
    return ask(fetch_.begin_again(handed_over_));
  }
  fetch_.end();
  if (*result) {
    executed_ = position;
    handed_over_ = position.height.value;
    watch_.on_own(executed_.height, executed_.digest);
    environment_.log(Severity::kInfo,
                     "event=state_installed length=" + std::to_string(handed_over_));
    if ((*result)->length > server_->final()->length) feed(median::StateInstalled{*result});
  }
  execute_sealed();
}

}  // namespace waggle::smr
