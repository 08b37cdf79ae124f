#include "smr/replica/threads/intake.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace waggle::smr {

struct Intake::State : std::enable_shared_from_this<State> {
  struct Item {
    std::size_t bytes = 0;
    Work work;
    Ticket ticket;
  };
  struct Share {
    std::size_t messages = 0;
    std::size_t bytes = 0;
    std::size_t in_pool = 0;
    std::size_t bytes_in_pool = 0;
    std::deque<Item> waiting;
  };

  State(const Limits& l, std::function<void(Job)> p) : limits(l), pool(std::move(p)) {}

  bool submit(Source source, std::size_t bytes, Work work) {
    std::vector<Item> turn;
    {
      const std::lock_guard lock(mutex);
      Share& share = shares[source];
      const bool fits = share.messages < limits.messages_max &&
                        share.bytes + bytes <= limits.bytes_max &&
                        all_bytes + bytes <= limits.all_bytes_max;
      if (!fits && share.messages > 0) return false;
      ++share.messages;
      share.bytes += bytes;
      all_bytes += bytes;
      Ticket ticket(nullptr, [self = shared_from_this(), source, bytes](const void*) {
        self->release(source, bytes);
      });
      share.waiting.push_back({bytes, std::move(work), std::move(ticket)});
      turn = next_turn(share);
    }
    start(source, std::move(turn));
    return true;
  }

  /// What the source may have in the pool besides what is there.
  std::vector<Item> next_turn(Share& share) {
    std::vector<Item> turn;
    while (!share.waiting.empty()) {
      const std::size_t bytes = share.waiting.front().bytes;
      const bool fits = share.in_pool < limits.turn_messages_max &&
                        share.bytes_in_pool + bytes <= limits.turn_bytes_max;
      if (!fits && share.in_pool > 0) break;
      ++share.in_pool;
      share.bytes_in_pool += bytes;
      turn.push_back(std::move(share.waiting.front()));
      share.waiting.pop_front();
    }
    return turn;
  }

  void start(Source source, std::vector<Item> turn) {
    for (Item& item : turn) {
      // Ends the message's time in the pool also when the pool drops the job.
      std::shared_ptr<const void> leaves(
          nullptr, [self = shared_from_this(), source, bytes = item.bytes](const void*) {
            self->leave_pool(source, bytes);
          });
      pool([work = std::move(item.work), ticket = std::move(item.ticket),
            leaves = std::move(leaves)] { work(ticket); });
    }
  }

  void leave_pool(Source source, std::size_t bytes) {
    std::vector<Item> turn;
    {
      const std::lock_guard lock(mutex);
      Share& share = shares.at(source);
      --share.in_pool;
      share.bytes_in_pool -= bytes;
      turn = next_turn(share);
      forget_if_idle(source);
    }
    start(source, std::move(turn));
  }

  void release(Source source, std::size_t bytes) {
    const std::lock_guard lock(mutex);
    Share& share = shares.at(source);
    --share.messages;
    share.bytes -= bytes;
    all_bytes -= bytes;
    forget_if_idle(source);
  }

  void forget_if_idle(Source source) {
    const auto found = shares.find(source);
    if (found->second.messages == 0 && found->second.in_pool == 0) shares.erase(found);
  }

  const Limits limits;
  const std::function<void(Job)> pool;
  std::mutex mutex;  // over what follows
  std::map<Source, Share> shares;
  std::size_t all_bytes = 0;
};

Intake::Intake(const Limits& limits, std::function<void(Job)> pool)
    : state_(std::make_shared<State>(limits, std::move(pool))) {}

Intake::~Intake() = default;

bool Intake::submit(Source source, std::size_t bytes, Work work) {
  return state_->submit(source, bytes, std::move(work));
}

}  // namespace waggle::smr
