#pragma once

#include <functional>
#include <list>
#include <optional>
#include <vector>

#include "smr/client/engine.hpp"

namespace waggle::client {

/// Questions to single replicas, outside consensus: local reads and status. Each is asked once per
/// connection until it is answered or its deadline passes. Pure; time as in Engine.
class Questions {
 public:
  /// `next_id` gives the ids of reads: all different on one connection.
  explicit Questions(std::function<std::uint64_t()> next_id) : next_id_(std::move(next_id)) {}

  using LocalReadDone = std::function<void(std::optional<smr::LocalReadResult>)>;
  using StatusDone = std::function<void(std::optional<smr::Status>)>;

  void local_read(ReplicaId replica, Bytes query, Duration deadline, LocalReadDone done, bool up);
  void status(ReplicaId replica, Duration deadline, StatusDone done, bool up);

  void connection_up(ReplicaId replica);
  /// Refuses (kWrongSender) a replica that speaks for another one. Other messages are left alone.
  Result<void, Refusal> receive(ReplicaId from, const smr::ReplicaMessage& message);
  void tick(Duration now);
  bool empty() const noexcept { return open_.empty(); }

  std::vector<Sending> take_sendings() { return std::exchange(sendings_, {}); }

 private:
  struct Question {
    ReplicaId replica;
    smr::ClientMessage message;
    Duration deadline;
    std::function<void(const smr::ReplicaMessage*)> done;  ///< Null: no answer.
  };
  void ask(Question question, bool up);

  const std::function<std::uint64_t()> next_id_;
  std::list<Question> open_;
  std::vector<Sending> sendings_;
};

}  // namespace waggle::client
