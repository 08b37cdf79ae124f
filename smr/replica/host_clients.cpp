// The host's side towards clients, and towards replicas that catch up.
#include <algorithm>
#include <utility>

#include "smr/replica/branch_reader.hpp"
#include "smr/replica/host.hpp"
#include "smr/replica/layout.hpp"
#include "smr/replica/prover.hpp"
#include "smr/replica/result_rows.hpp"
#include "storage/keys.hpp"

namespace waggle::smr {

using storage::Family;

void Host::on_request(std::optional<ClientConnection> from, VerifiedRequest verified) {
  if (stopped_) return;
  const RequestRef& request = verified.request;
  if (from) desk_.routes().add(request.client, *from);
  const bool was_empty = mempool_.empty();
  const auto added = mempool_.add(verified.bytes, request);
  if (!added) {
    // A retry: what was executed is answered again, what waits will be answered when it is.
    if (added.error() == Refusal::kDuplicate) return count(Refusal::kDuplicate);
    if (added.error() == Refusal::kNumberOld && from) {
      if (!retries_.add(*from, request)) return count(Refusal::kRateLimited);
      return answer_retries();
    }
    return desk_.reject(from, request, added.error());
  }
  // On a quiet chain the leader of the current view learns of it at once.
  const ReplicaId leader = setup_.chain.leader(core_.view());
  const bool quiet = !core_.has_uncommitted_payload() && !strikes(Place::kNoQuickForward);
  if (from && leader != setup_.self && quiet) {
    ++counters_.requests_forwarded;
    environment_.send(leader, Forward{{verified.bytes}});
  }
  if (was_empty) feed(CommandsReady{});
}

void Host::on_refused_request(ClientConnection from, ByteView head, std::uint64_t size,
                              Refusal reason) {
  desk_.refuse(from, head, size, reason);
}

/// Results in messages of moderate size, so that none is above the limit of a frame.
void Host::reply_committed(ClientConnection to, const Committed& answer) {
  const std::size_t result_bytes = strikes(Place::kSplitReply) ? 0 : 256 << 10;
  Committed part{answer.client, answer.view, answer.height, answer.block, {}};
  std::size_t bytes = 0;
  for (const CommandResult& result : answer.results) {
    if (bytes > 0 && bytes + result.result.size() > result_bytes) {
      environment_.reply(to, part);
      part.results.clear();
      bytes = 0;
    }
    bytes += result.result.size();
    part.results.push_back(result);
  }
  if (strikes(Place::kReplyTwice)) environment_.reply(to, part);
  environment_.reply(to, std::move(part));
}

/// A few at once: results may be large, and are read faster than they leave.
void Host::answer_retries() {
  constexpr std::uint32_t kAnswersMax = 8;
  while (answering_ < kAnswersMax && !stopped_) {
    const auto retry = retries_.next();
    if (!retry) return;
    ++answering_;
    answer_executed(retry->to, retry->request);
  }
}

/// Reads the first results of a request that was executed before.
void Host::answer_executed(ClientConnection to, const RequestRef& request) {
  auto answer =
      std::make_shared<storage::Outcome<std::vector<Committed>>>(std::vector<Committed>{});
  const auto job = [answer, request](const storage::Storage& storage) {
    *answer = find_results(storage, request.client, request.first, request.last());
  };
  environment_.read(job, [this, answer, to, request] {
    --answering_;
    if (!*answer) return stop("storage: " + answer->error().message);
    std::uint64_t found = 0;
    for (const Committed& committed : **answer) {
      found += committed.results.size();
      reply_committed(to, committed);
    }
    // Not all: still on its way to the disk (then it will be answered), or no longer kept.
    const bool gone = sessions_.check(request) == Decision::kExpired;
    if (found < request.count && gone) desk_.reject(to, request, Refusal::kNumberOld);
    answer_retries();
  });
}

void Host::on_session_query(ClientConnection from, const SessionQuery& query) {
  environment_.reply(from, SessionInfo{query.client, sessions_.next_number(query.client)});
}

/// Made where reading may take time; a few at once, whoever asks.
void Host::on_proof_query(ClientConnection from, const ProofQuery& query) {
  constexpr std::uint32_t kProofsMax = 8;
  if (stopped_) return;
  ProofResult result{query.client, query.number, Unexpected{ProofRefusal::kBusy}};
  if (proving_ >= kProofsMax) {
    count(Refusal::kRateLimited);
    return environment_.reply(from, std::move(result));
  }
  ++proving_;
  struct Work {
    TreeBlocks tree;
    ProofResult result;
    std::optional<storage::StorageError> failure;
  };
  auto work =
      std::make_shared<Work>(Work{tree_blocks(core_.tree()), std::move(result), std::nullopt});
  const auto job = [work, chain = &setup_.chain,
                    hasher = &setup_.hasher](const storage::Storage& storage) {
    const auto answer = Prover(storage, work->tree, *chain, *hasher)
                            .prove(work->result.client, work->result.number);
    if (!answer) {
      work->failure = answer.error();
    } else if (*answer) {
      work->result.proof = std::make_shared<const Bytes>(certificate::encode(**answer));
    } else {
      work->result.proof = Unexpected{(*answer).error()};
    }
  };
  environment_.read(job, [this, work, from] {
    --proving_;
    if (work->failure) return stop("storage: " + work->failure->message);
    environment_.reply(from, std::move(work->result));
  });
}

void Host::on_connection_closed(ClientConnection connection) {
  desk_.routes().close(connection);
  retries_.close(connection);
}

/// 4.9: requests that no leader proposes are forwarded; the timer runs only while some wait.
void Host::arm_forwarding() {
  if (forwarding_ || mempool_.empty() || stopped_) return;
  forwarding_ = true;
  Duration after = setup_.forward_after;
  if (strikes(Place::kForwardSoon)) after /= 16;
  if (strikes(Place::kForwardLate)) after *= 16;
  environment_.set_timer(kForwardTimer, after);
}

/// 4.9, decision y: under load what is due waits for turns of ours, as long as they come.
void Host::forward_requests() {
  const bool turns_come = delays_since_own_ < kOwnDelaysMax;
  if (turns_come) ++delays_since_own_;
  const Forward forward{mempool_.tick(turns_come)};
  if (forward.requests.empty()) return;
  counters_.requests_forwarded += forward.requests.size();
  for (std::uint32_t id = 0; id < setup_.chain.n(); ++id) {
    if (ReplicaId{id} != setup_.self) environment_.send(ReplicaId{id}, forward);
  }
}

/// 4.8: blocks for a replica that lags. A few answers per peer are under way at a time.
void Host::serve_branch(ReplicaId to, chained::BranchRequest request) {
  constexpr std::uint32_t kAnswersPerPeer = 4;
  if (to == setup_.self || serving_[to] >= kAnswersPerPeer || strikes(Place::kServerBusy)) {
    return count(Refusal::kRateLimited);
  }
  if (strikes(Place::kShortBranch)) request.count_max = std::min(request.count_max, 1U);
  ++serving_[to];
  const chained::Node* wanted = core_.tree().find(request.block);
  const bool extends_head = wanted != nullptr && wanted->connected();
  auto in_memory = branch_in_memory(core_.tree(), request);
  const QcPtr certificate = wanted != nullptr ? wanted->certificate : nullptr;

  using Blocks = storage::Outcome<std::vector<chained::ChainedBlock>>;
  auto committed = std::make_shared<std::optional<Blocks>>();
  const auto job = [committed, request, extends_head, chain = &setup_.chain,
                    hasher = &setup_.hasher](const storage::Storage& storage) {
    committed->emplace(committed_branch(storage, request, extends_head, *chain, *hasher));
  };
  environment_.read(
      job, [this, committed, to, request, certificate, in_memory = std::move(in_memory)]() mutable {
        --serving_[to];
        if (!**committed) return stop("storage: " + (*committed)->error().message);
        environment_.send(
            to, make_branch(request, std::move(***committed), std::move(in_memory), certificate));
      });
}

}  // namespace waggle::smr
