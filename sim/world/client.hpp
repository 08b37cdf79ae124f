#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "consensus/core/interfaces.hpp"
#include "sim/base/random.hpp"
#include "smr/app/kv_command.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::sim {

class World;

/// What a client asks for, as weights.
struct Mix {
  std::uint32_t get = 0;
  std::uint32_t put = 1;
  std::uint32_t erase = 0;
  std::uint32_t cas = 0;
  std::uint32_t increment = 1;
};

struct ClientPlan {
  static constexpr std::uint32_t kEndless = 0xffffffff;
  std::uint32_t commands = 40;      ///< To be committed in all; kEndless: until told to stop.
  std::uint32_t in_flight_max = 4;  ///< Requests at a time.
  std::uint32_t batch_max = 4;      ///< Commands in one request.
  Duration think_max = std::chrono::milliseconds(5);  ///< Before the next request.
  Duration retry = std::chrono::milliseconds(300);    ///< 0: sends only once.
  std::uint32_t padding = 0;                          ///< Bytes added to every put.
  /// Keys that all clients share; 0: puts go to a key of their own each, increments to one
  /// counter, and the rest finds nothing.
  std::uint32_t keys = 0;
  Mix mix;
};

/// A client as the library's: signs requests under consecutive numbers, sends each to f+1
/// replicas, later to all, and believes f+1 equal answers. Under the median rule, which has one
/// command of a session in flight, it has as many lanes as the plan has requests at a time, sends
/// to two servers first and believes any.
class Client {
 public:
  Client(World& world, std::uint32_t index, std::unique_ptr<const Signer> signer,
         const ClientPlan& plan);

  void start() { submit_more(); }
  /// Adds to what the plan asks for, and goes on.
  void add_commands(std::uint32_t count);
  /// Submits no more than it has.
  void finish_early() { plan_.commands = static_cast<std::uint32_t>(issued_); }
  bool done() const noexcept { return acknowledged_ == plan_.commands; }
  std::uint32_t acknowledged() const noexcept { return acknowledged_; }
  const ClientId& id() const noexcept { return signer_->public_key(); }

  void on_reply(ReplicaId from, const smr::ReplicaMessage& message);
  /// Of the median rule: lets a server prove the last command that was acknowledged
  /// (World::check_seal). False if none can.
  bool check_last_seal();

 private:
  /// What one replica says became of a number.
  using Answer = std::tuple<Height, Digest, Bytes>;
  struct Request {
    SharedBytes bytes;
    std::uint32_t open = 0;  ///< Commands without a believed answer.
  };
  struct Waiting {
    app::KvCommand command;
    std::uint64_t request = 0;  ///< First number of its request.
    std::map<Answer, std::set<ReplicaId>> answers;
  };

  /// Of the commands that an acknowledgement placed.
  struct Placed {
    std::uint64_t number;
    app::KvCommand command;
    std::uint64_t position;
  };
  /// First number and count of the next request; no count: not now.
  std::pair<std::uint64_t, std::uint64_t> next_numbers();
  void submit_more();
  void submit_one();
  void send(ReplicaId to, const SharedBytes& bytes);
  void retry(std::uint64_t first);
  app::KvCommand make_command(std::uint64_t number);
  Bytes make_value();
  void on_committed(ReplicaId from, const smr::Committed& committed);
  void on_believed(std::uint64_t number, const smr::Committed& where,
                   const smr::CommandResult& result);

  World& world_;
  const std::uint32_t index_;
  const std::unique_ptr<const Signer> signer_;
  ClientPlan plan_;
  Random rng_;
  std::uint64_t next_number_ = 1;
  std::vector<std::uint64_t> lanes_;  ///< Of the median rule: the next number of each.
  std::uint64_t issued_ = 0;
  std::uint32_t acknowledged_ = 0;
  std::optional<Placed> last_;
  bool waits_ = false;
  std::map<std::uint64_t, Request> requests_;  ///< By first number.
  std::map<std::uint64_t, Waiting> waiting_;   ///< By number.
};

}  // namespace waggle::sim
