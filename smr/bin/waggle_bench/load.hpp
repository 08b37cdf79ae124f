#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle_bench/ledger.hpp"
#include "smr/bin/waggle_bench/options.hpp"
#include "smr/bin/waggle_bench/recorder.hpp"
#include "smr/bin/waggle_bench/shape.hpp"
#include "smr/client/client.hpp"

namespace waggle::bench {

/// Puts of random values to random keys; the same seed, the same commands. Not thread-safe.
class CommandSource {
 public:
  CommandSource(const Options& options, std::uint64_t seed)
      : keys_(options.keys), value_bytes_(options.value_bytes), state_(seed) {}
  std::vector<Bytes> group(std::uint32_t count);

 private:
  std::uint64_t next();
  Bytes command();

  std::uint32_t keys_;
  std::uint32_t value_bytes_;
  std::uint64_t state_;
};

/// Sends commands from the construction on, until stop(). Every session is a client of the library
/// with a key of its own, one request on its way per group; those of one `--clients` share links.
/// Options, network and recorder must outlive it. Throws cli::Failure.
class Load {
 public:
  /// `ledger`, if any, hears of all that is acknowledged.
  Load(const Options& options, const cli::Network& network, Recorder& recorder,
       Ledger* ledger = nullptr);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  std::size_t sessions() const noexcept { return sessions_.size(); }
  /// Sends nothing more and waits for answers, at most so long.
  void stop(std::chrono::milliseconds patience);

 private:
  struct Connection {
    explicit Connection(CommandSource commands) : source(commands) {}
    std::mutex mutex;  ///< Of the source: the client's thread uses it, and at the start ours.
    CommandSource source;
    std::unique_ptr<client::Client> client;  ///< Goes first: its last callbacks see the rest.
  };
  /// A group of commands on its way. In closed loop the next one follows its answer; in open loop
  /// it waits for commands that are due.
  struct Slot {
    Connection* session;
    std::uint32_t commands;
  };
  struct Group {
    std::uint32_t commands;
    Clock::time_point sent;
    std::uint64_t first = 0;  ///< Open loop: the schedule's index of the first command.
    std::shared_ptr<const std::vector<Bytes>> content = nullptr;  ///< For the ledger.
  };

  void open(const cli::Network& network);
  void check_size(Connection& session, std::uint32_t group, const Limits& limits) const;
  void start_closed();
  void run_open();
  /// Waits until a slot is free; nothing when the load ends.
  std::optional<Slot> take_slot();
  void submit(Slot slot, Group group);
  void on_done(Slot slot, Group group, const std::vector<client::Outcome>& outcomes);
  /// Tells the recorder, with the moment when each command was due.
  void note(Group group, const client::Outcome* failure, bool stopping);

  const Options& options_;
  Recorder& recorder_;
  Ledger* const ledger_;
  std::optional<Schedule> schedule_;  ///< Open loop.
  Clock::time_point start_;
  std::vector<std::unique_ptr<Connection>> sessions_;
  std::vector<Slot> slots_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Slot> free_;      ///< Open loop: slots without commands.
  std::size_t in_flight_ = 0;  ///< Slots with commands.
  bool stopping_ = false;
  std::thread pacer_;
};

}  // namespace waggle::bench
