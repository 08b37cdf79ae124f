#include "smr/client/questions.hpp"

#include <iterator>

namespace waggle::client {
namespace {

/// The answer as its own type, or nothing.
template <class Answer>
std::optional<Answer> answer_of(const smr::ReplicaMessage* message) {
  if (message == nullptr) return std::nullopt;
  return std::get<Answer>(*message);
}

bool answers(const smr::ReplicaMessage& message, const smr::ClientMessage& question) {
  if (const auto* read = std::get_if<smr::LocalRead>(&question)) {
    const auto* result = std::get_if<smr::LocalReadResult>(&message);
    return result != nullptr && result->id == read->id;
  }
  return std::holds_alternative<smr::Status>(message);
}

}  // namespace

void Questions::local_read(ReplicaId replica, Bytes query, Duration deadline, LocalReadDone done,
                           bool up) {
  ask({replica, smr::LocalRead{next_id_(), std::move(query)}, deadline,
       [done = std::move(done)](const smr::ReplicaMessage* message) {
         done(answer_of<smr::LocalReadResult>(message));
       }},
      up);
}

void Questions::status(ReplicaId replica, Duration deadline, StatusDone done, bool up) {
  ask({replica, smr::StatusQuery{}, deadline,
       [done = std::move(done)](const smr::ReplicaMessage* message) {
         done(answer_of<smr::Status>(message));
       }},
      up);
}

void Questions::ask(Question question, bool up) {
  if (up) sendings_.push_back({question.replica, question.message});
  open_.push_back(std::move(question));
}

void Questions::connection_up(ReplicaId replica) {
  for (const Question& question : open_) {
    if (question.replica == replica) sendings_.push_back({replica, question.message});
  }
}

Result<void, Refusal> Questions::receive(ReplicaId from, const smr::ReplicaMessage& message) {
  const auto* status = std::get_if<smr::Status>(&message);
  if (status != nullptr && status->replica != from) return Unexpected{Refusal::kWrongSender};
  std::list<Question> answered;
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    if (at->replica == from && answers(message, at->message)) {
      answered.splice(answered.end(), open_, at);
    }
    at = next;
  }
  for (const Question& question : answered) question.done(&message);
  return {};
}

void Questions::tick(Duration now) {
  std::list<Question> late;
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    if (now >= at->deadline) late.splice(late.end(), open_, at);
    at = next;
  }
  for (const Question& question : late) question.done(nullptr);
}

}  // namespace waggle::client
