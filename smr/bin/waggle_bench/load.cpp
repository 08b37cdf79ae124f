#include "smr/bin/waggle_bench/load.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "crypto/ed25519.hpp"
#include "smr/app/kv_command.hpp"
#include "smr/client/links.hpp"

namespace waggle::bench {
namespace {

/// Open loop: between two looks at what is due. What has become due since goes into one request.
constexpr std::chrono::milliseconds kPace{1};

std::string describe(const client::Outcome& outcome) {
  if (const auto* rejected = std::get_if<client::Rejected>(&outcome)) {
    return fmt::format("rejected: {}", to_string(rejected->reason));
  }
  if (const auto* unsent = std::get_if<client::NotSent>(&outcome))
    return "not sent: " + unsent->why;
  return "no answer in time";
}

std::chrono::microseconds timeout_of(const Options& options) {
  return std::chrono::microseconds(static_cast<std::int64_t>(options.timeout_seconds * 1e6));
}

}  // namespace

/// splitmix64.
std::uint64_t CommandSource::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Bytes CommandSource::command() {
  app::KvPut put{to_bytes(fmt::format("key-{:09}", next() % keys_)), Bytes(value_bytes_)};
  for (std::size_t i = 0; i < put.value.size();) {
    for (std::uint64_t word = next(), k = 0; k < 8 && i < put.value.size(); ++k, word >>= 8) {
      put.value[i++] = static_cast<std::uint8_t>(word);
    }
  }
  return encode(app::KvCommand(std::move(put)));
}

std::vector<Bytes> CommandSource::group(std::uint32_t count) {
  std::vector<Bytes> commands(count);
  for (Bytes& one : commands) one = command();
  return commands;
}

Load::Load(const Options& options, const cli::Network& network, Recorder& recorder, Ledger* ledger)
    : options_(options), recorder_(recorder), ledger_(ledger) {
  if (options.rate) schedule_.emplace(*options.rate);
  open(network);
  start_ = Clock::now();
  if (schedule_) {
    free_.assign(slots_.begin(), slots_.end());
    pacer_ = std::thread([this] { run_open(); });
  } else {
    start_closed();
  }
}

Load::~Load() { stop(std::chrono::milliseconds(0)); }

/// Throws cli::Failure if a request of the group, the largest, is above the chain's limits: all
/// would be rejected, again and again.
void Load::check_size(Connection& session, std::uint32_t group, const Limits& limits) const {
  if (session.client->fits(session.source.group(group))) return;
  throw cli::Failure(
      cli::kBadInput,
      fmt::format("--value-bytes {} and {} commands in a request (--batch) do not fit: the genesis "
                  "allows {} bytes in a command and {} in a request",
                  options_.value_bytes, group, limits.command_bytes_max, limits.request_bytes_max));
}

void Load::open(const cli::Network& network) {
  const std::uint32_t session_max = network.genesis.median ? kSessionLanesMax : kSessionCommandsMax;
  for (std::uint32_t client = 0; client < options_.clients; ++client) {
    const auto links = std::make_shared<client::Links>(cli::client_options(network).replicas);
    for (const Session& shape : divide(options_.in_flight, options_.batch, session_max)) {
      client::ClientOptions wanted = cli::client_options(network);
      wanted.key = std::make_shared<crypto::Ed25519Signer>(crypto::KeyPair::generate());
      wanted.key_is_new = true;
      wanted.links = links;
      wanted.batching.commands_max = 1;  // Groups are whole requests already.
      wanted.batching.requests_in_flight_max = static_cast<std::uint32_t>(shape.groups.size());
      wanted.batching.lanes_max = wanted.batching.requests_in_flight_max;
      sessions_.push_back(std::make_unique<Connection>(CommandSource(options_, sessions_.size())));
      auto opened = client::Client::open(std::move(wanted));
      if (!opened) throw cli::Failure(cli::kRefused, opened.error());
      sessions_.back()->client = std::move(*opened);
      check_size(*sessions_.back(), shape.groups.front(), network.chain().limits);
      for (const std::uint32_t size : shape.groups)
        slots_.push_back({sessions_.back().get(), size});
    }
  }
}

void Load::start_closed() {
  in_flight_ = slots_.size();
  for (const Slot& slot : slots_) submit(slot, {slot.commands, Clock::now()});
}

std::optional<Load::Slot> Load::take_slot() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || !free_.empty(); });
  if (stopping_) return std::nullopt;
  // The one that has been free for longest, so that all sessions take part.
  const Slot slot = free_.front();
  free_.pop_front();
  ++in_flight_;
  return slot;
}

void Load::run_open() {
  std::uint64_t sent = 0;
  for (Clock::time_point next = start_; true; next = Clock::now() + kPace) {
    {
      std::unique_lock lock(mutex_);
      const auto due = std::max(next, start_ + schedule_->due(sent));
      if (changed_.wait_until(lock, due, [&] { return stopping_; })) break;
    }
    // All that is due now, as far as there are slots.
    const auto now = Clock::now();
    for (std::uint64_t due = schedule_->due_by(now - start_); sent < due;) {
      const auto slot = take_slot();
      if (!slot) break;
      const auto count = std::min<std::uint64_t>(due - sent, slot->commands);
      submit(*slot, {static_cast<std::uint32_t>(count), now, sent});
      sent += count;
    }
  }
  const auto now = Clock::now();
  for (const std::uint64_t end = schedule_->due_by(now - start_); sent < end; ++sent) {
    recorder_.give_up(start_ + schedule_->due(sent), now, 1);
  }
}

void Load::submit(Slot slot, Group group) {
  std::vector<Bytes> commands;
  {
    const std::lock_guard lock(slot.session->mutex);
    commands = slot.session->source.group(group.commands);
  }
  if (ledger_ != nullptr) group.content = std::make_shared<const std::vector<Bytes>>(commands);
  slot.session->client->submit_group(
      std::move(commands), timeout_of(options_),
      [this, slot, group](auto outcomes) { on_done(slot, group, outcomes); });
}

void Load::on_done(Slot slot, Group group, const std::vector<client::Outcome>& outcomes) {
  if (ledger_ != nullptr) ledger_->note(*group.content, outcomes);
  const auto bad = std::find_if(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
    return !std::holds_alternative<client::Committed>(outcome);
  });
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
    const bool again = !stopping && !schedule_;
    if (!again) --in_flight_;
    if (schedule_) free_.push_back(slot);
  }
  note(group, bad == outcomes.end() ? nullptr : &*bad, stopping);
  changed_.notify_all();
  if (!stopping && !schedule_) submit(slot, {slot.commands, Clock::now()});
}

void Load::note(Group group, const client::Outcome* failure, bool stopping) {
  // What is open when we leave is no failure, only late.
  if (failure != nullptr && !stopping) return recorder_.failed(group.commands, describe(*failure));
  const auto now = Clock::now();
  const auto note = [&](Clock::time_point due, std::uint64_t commands) {
    if (failure == nullptr)
      recorder_.answered(due, now, commands);
    else
      recorder_.give_up(due, now, commands);
  };
  if (!schedule_) return note(group.sent, group.commands);
  for (std::uint64_t i = group.first; i < group.first + group.commands; ++i) {
    note(start_ + schedule_->due(i), 1);
  }
}

void Load::stop(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (pacer_.joinable()) pacer_.join();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return in_flight_ == 0; });
  lock.unlock();
  sessions_.clear();
}

}  // namespace waggle::bench
