// The median host's side towards clients.
#include <utility>

#include "smr/replica/median_host.hpp"
#include "smr/replica/sealed_layout.hpp"
#include "smr/replica/sealed_prover.hpp"

namespace waggle::smr {

using storage::Family;

void MedianHost::on_request(std::optional<ClientConnection> from, VerifiedRequest verified) {
  if (stopped_) return;
  const RequestRef& request = verified.request;
  const auto command = median::command_of(*verified.bytes, request, setup_.hasher);
  if (!command) {
    const bool several = command.error() == Refusal::kTooMany;
    return desk_.reject(from, request, command.error(),
                        several ? "a request of the median protocol holds one command" : "");
  }
  if (from) desk_.routes().add(request.client, *from);
  const std::uint64_t last = server_->final()->number(command->client);
  if (command->number <= last) {
    if (from) answer_retry(*from, request, *command);
    return;
  }
  median::Content content{*command, verified.bytes};
  if (command->number > last + 1) {
    // Its client has heard of a seal that has not come here yet.
    const auto waiting = waiting_.find(command->client);
    const bool next = command->number == last + 2 && waiting != waiting_.end();
    if (!next || early_.size() >= kEarlyMax) {
      return desk_.reject(from, request, Refusal::kNumberTooFar);
    }
    early_[command->client] = std::move(content);
    return;
  }
  if (server_->knows(*command)) return desk_.count(Refusal::kDuplicate);
  if (const auto refused = take(std::move(content))) {
    if (*refused == Refusal::kDuplicate) return desk_.count(Refusal::kDuplicate);
    return desk_.reject(from, request, *refused);
  }
  drain();
}

/// A command whose turn it is.
std::optional<Refusal> MedianHost::take(median::Content content) {
  const RequestRef request = peek_request(*content.request);
  const ClientId lane = content.command.client;
  const auto added = admission_.add(std::move(content), request.client);
  if (!added) return added.error();
  waiting_[lane] = {request.client, request.first};
  return std::nullopt;
}

/// As many as may be on their way at a time.
void MedianHost::admit() {
  if (server_->final()->length > executed_.height.value + kBehindMax) return;
  while (!server_->full()) {
    auto content = admission_.next(server_->pending() + admitted_, *server_->final());
    if (!content) return;
    inputs_.emplace_back(median::ClientCommand{std::move(*content)});
    ++admitted_;
  }
}

/// The final prefix has grown: commands that came before their turn may have it now.
void MedianHost::submit_early() {
  const median::FinalPrefix& final = *server_->final();
  for (auto at = early_.begin(); at != early_.end();) {
    const median::Command& command = at->second.command;
    const std::uint64_t last = final.number(command.client);
    if (command.number > last + 1) {
      ++at;
      continue;
    }
    // Refused, it is left to its client, who has not heard of it yet.
    if (command.number == last + 1) take(std::move(at->second));
    at = early_.erase(at);
  }
}

void MedianHost::on_refused_request(ClientConnection from, ByteView head, std::uint64_t size,
                                    Refusal reason) {
  desk_.refuse(from, head, size, reason);
}

/// What was executed is answered from the lane's row; what is about to be, when it is.
void MedianHost::answer_retry(ClientConnection to, const RequestRef& request,
                              const median::Command& command) {
  if (!server_->final()->chains.knows(command.client)) {  // forgotten, and its result with it
    return desk_.reject(to, request, Refusal::kNumberOld);
  }
  desk_.count(Refusal::kDuplicate);
  struct Answer {
    std::optional<layout::LaneRow> row;
    std::optional<std::string> failure;
  };
  auto answer = std::make_shared<Answer>();
  const auto job = [answer, lane = command.client](const storage::Storage& storage) {
    const auto stored = storage.get(Family::kResults, lane.view());
    if (!stored) {
      answer->failure = stored.error().message;
    } else if (*stored) {
      answer->row = layout::decode_lane(**stored);
      if (!answer->row) answer->failure = "the results of a lane do not decode";
    }
  };
  environment_.read(
      job, [this, answer, to, request, lane = command.client, number = command.number] {
        if (answer->failure) return stop("storage: " + *answer->failure);
        if (!answer->row || answer->row->number < number) return;
        const layout::LaneRow& row = *answer->row;
        if (row.number > number) return desk_.reject(to, request, Refusal::kNumberOld);
        if (!row.result) return desk_.reject(to, request, Refusal::kNumberTaken);
        Committed committed{request.client, row.window, Height{row.position + 1}, row.root, {}, {}};
        committed.results.push_back({request.first, *row.result});
        committed.acknowledgement =
            layout::acknowledgement_of(*server_->final(), {lane, number, std::nullopt});
        environment_.reply(to, std::move(committed));
      });
}

/// To all connections over which requests of these clients came.
void MedianHost::answer(const SealedResult& result) {
  for (const auto& [lane, committed] : result.answers) {
    for (const ClientConnection to : desk_.routes().of(committed.client)) {
      environment_.reply(to, committed);
    }
  }
  for (const NumberTaken& taken : result.taken) {
    const auto waiting = waiting_.find(taken.lane);
    if (waiting == waiting_.end()) continue;
    const auto [client, whole] = waiting->second;
    if (median::number_in_lane(whole) != taken.number) continue;
    for (const ClientConnection to : desk_.routes().of(client)) {
      desk_.reject(to, {client, whole, 1, 0, 0}, Refusal::kNumberTaken);
    }
  }
  for (const auto& [lane, committed] : result.answers) forget_if_final(lane);
  for (const NumberTaken& taken : result.taken) forget_if_final(taken.lane);
}

void MedianHost::forget_if_final(const ClientId& lane) {
  const auto waiting = waiting_.find(lane);
  if (waiting == waiting_.end()) return;
  const std::uint64_t number = median::number_in_lane(waiting->second.whole);
  if (number <= server_->final()->number(lane)) waiting_.erase(waiting);
}

void MedianHost::on_session_query(ClientConnection from, const SessionQuery& query) {
  const auto lane = static_cast<std::uint16_t>(query.lane);
  const ClientId id = median::lane_client(query.client, lane, setup_.hasher);
  const std::uint64_t next = server_->final()->number(id) + 1;
  environment_.reply(from, SessionInfo{query.client, median::lane_number(lane, next), query.lane});
}

/// At once: it takes less than answering a submission does.
void MedianHost::on_proof_query(ClientConnection from, const ProofQuery& query) {
  ProofResult result{query.client, query.number, Unexpected{ProofRefusal::kNoCertificate}};
  auto proof = prove_sealed(query, *server_->final(), setup_.chain.chain_id, setup_.hasher);
  if (proof)
    result.proof = std::make_shared<const Bytes>(certificate::encode(*proof));
  else
    result.proof = Unexpected{proof.error()};
  environment_.reply(from, std::move(result));
}

void MedianHost::on_connection_closed(ClientConnection connection) {
  desk_.routes().close(connection);
}

}  // namespace waggle::smr
