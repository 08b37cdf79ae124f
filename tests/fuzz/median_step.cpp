// Servers of the sealed median rule (docs/spec/median-smr.md, 8), and a network, clocks and disks
// without mercy, all directed by the input: messages are lost, late, doubled and out of order,
// clocks part, servers crash between what they write and what they say, and one disk at a time is
// lost. Nobody executes another sequence, and nobody goes back on what it signed. Then the faults
// end, and everything that was submitted is executed.
#include <algorithm>
#include <deque>

#include "sim/base/random.hpp"
#include "smr/median/server.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/unit/median/samples.hpp"

namespace waggle::fuzz {
namespace {

using median::ClientCommand;
using median::Commit;
using median::Effect;
using median::FinalConflict;
using median::Message;
using median::Named;
using median::Parameters;
using median::PreHead;
using median::Round;
using median::RoundBegins;
using median::Row;
using median::Rows;
using median::Sealed;
using median::SealedRun;
using median::Server;
using median::SignedPre;
using median::StateNeeded;
using median::Window;

constexpr std::uint32_t kClients = 3;
constexpr std::size_t kMovesMax = 400;
constexpr std::size_t kLettersMax = 400;

struct Letter {
  std::uint32_t from;
  std::uint32_t to;
  Bytes bytes;
};

struct Member {
  std::unique_ptr<sim::Random> rng;
  std::unique_ptr<Server> server;
  std::deque<Effect> waiting;  ///< What the server did; begins with a Persist, unless it is empty.
  std::map<Bytes, Bytes> disk;
  Round clock = 0;
  std::uint64_t executed = 0;
  std::map<Window, Signature> pres;  ///< That it signed, in all its lives.
  std::uint32_t lives = 0;
  bool forgot = false;  ///< Had its disk emptied; counts as long as that is empty.
};

class Game {
 public:
  explicit Game(Input& input)
      : input_(input),
        parameters_{.n = 3 + static_cast<std::uint32_t>(input.below(2)), .T = 2, .B = 3} {
    members_.resize(parameters_.n);
    samples_.chain.replica_keys.resize(parameters_.n);
    for (std::uint32_t i = 0; i < parameters_.n; ++i) open(i, false);
  }

  void move() {
    switch (input_.below(20)) {
      case 0: return tick(anyone(), 1 + static_cast<Round>(input_.below(8)));
      case 1: return letters_.empty() ? void() : letters_.pop_front();
      case 2: return sync_one(anyone());
      case 3: return sync_all();
      case 4: return crash(anyone());
      case 5:
      case 6: return restart(anyone());
      case 7: return wipe(anyone());
      case 8: return replay();
      case 9:
      case 10: return submit(input_.flag());
      case 11: return deliver_to(anyone());
      case 12: return deliver_some();
      case 13: return tick_all();
      default: return whole_round(static_cast<std::uint32_t>(input_.byte()));
    }
  }

  void end() {
    for (std::uint32_t i = 0; i < parameters_.n; ++i) restart(i);
    letters_.clear();
    Round latest = 0;
    for (const Member& member : members_) latest = std::max(latest, member.clock);
    for (Member& member : members_) member.clock = latest;
    for (int i = 0; i < 60 && !all_done(); ++i) {
      if (i % 8 == 0) ask_again();
      whole_round(0);
    }
    ENSURE(all_done(), "when faults end everything gets executed everywhere");
  }

 private:
  std::uint32_t anyone() { return static_cast<std::uint32_t>(input_.below(parameters_.n)); }

  // Servers.

  void open(std::uint32_t i, bool rejoin) {
    Member& member = members_[i];
    member.rng = std::make_unique<sim::Random>(1000 * i + ++member.lives);
    Rows rows;
    for (const auto& [key, value] : member.disk) rows.push_back({key, value});
    auto opened = Server::open({.self = ReplicaId{i},
                                .parameters = parameters_,
                                .hasher = samples_.hasher(),
                                .rng = *member.rng,
                                .limits = samples_.chain.limits,
                                .guards = {},
                                .table_max = 60},
                               rows, rejoin);
    ENSURE(opened, "rows that this server wrote");
    member.server = std::move(*opened);
    member.waiting.clear();
    for (const Sealed& entry : member.server->sealed_from(member.executed)) execute(i, entry);
  }
  void crash(std::uint32_t i) {
    members_[i].server.reset();
    members_[i].waiting.clear();
  }
  void restart(std::uint32_t i) {
    if (!members_[i].server) open(i, members_[i].forgot);
  }
  /// One server at a time may lack its memory, or more than a minority forgets (8.7).
  void wipe(std::uint32_t i) {
    for (const Member& member : members_) {
      const bool whole = member.server && !member.server->rejoining() && member.waiting.empty();
      if (!whole) return;
    }
    members_[i].disk.clear();
    members_[i].executed = 0;
    members_[i].forgot = true;
    open(i, true);
  }

  void feed(std::uint32_t i, const median::Input& what) {
    if (!members_[i].server) return;
    median::Effects effects;
    members_[i].server->step(what, effects);
    for (Effect& effect : effects) members_[i].waiting.push_back(std::move(effect));
    leave(i);
  }

  // Effects, behind their barriers.

  void sync_one(std::uint32_t i) {
    Member& member = members_[i];
    if (member.waiting.empty()) return;
    const auto rows = std::move(std::get<Persist<Rows>>(member.waiting.front()).record);
    member.waiting.pop_front();
    for (const Row& row : rows) {
      if (row.value) {
        member.disk[row.key] = *row.value;
      } else {
        member.disk.erase(row.key);
      }
    }
    leave(i);
  }
  void sync_all() {
    for (std::uint32_t i = 0; i < parameters_.n; ++i) {
      while (!members_[i].waiting.empty()) sync_one(i);
    }
  }
  /// Performs what stands before the next barrier.
  void leave(std::uint32_t i) {
    Member& member = members_[i];
    while (!member.waiting.empty() && !std::get_if<Persist<Rows>>(&member.waiting.front())) {
      const Effect effect = std::move(member.waiting.front());
      member.waiting.pop_front();
      perform(i, effect);
    }
  }
  void perform(std::uint32_t i, const Effect& effect) {
    if (const auto* one = std::get_if<Send<Message>>(&effect)) {
      send(i, one->to.value, one->message);
    } else if (const auto* all = std::get_if<Broadcast<Message>>(&effect)) {
      for (std::uint32_t to = 0; to < parameters_.n; ++to) send(i, to, all->message);
    } else if (const auto* run = std::get_if<SealedRun>(&effect)) {
      for (const Sealed& entry : run->entries) execute(i, entry);
      ENSURE(run->final->length == members_[i].executed);
    } else {
      ENSURE(!std::holds_alternative<FinalConflict>(effect), "a certificate leaves what is final");
      ENSURE(!std::holds_alternative<StateNeeded>(effect), "everybody keeps everything here");
    }
  }

  void execute(std::uint32_t i, const Sealed& sealed) {
    Member& member = members_[i];
    ENSURE(sealed.position == member.executed, "entries in order, each once");
    ENSURE((sealed.request != nullptr) == sealed.entry.digest.has_value());
    ++member.executed;
    if (sealed.position == order_.size()) {
      std::uint64_t& done = done_[sealed.entry.client];
      const bool next = sealed.entry.number == done + 1;
      ENSURE(sealed.applies == (next && sealed.entry.digest), "each number once, in order");
      if (next) ++done;
      order_.push_back(sealed.entry);
    }
    ENSURE(order_[sealed.position] == sealed.entry, "two final prefixes conflict");
  }

  /// What was signed in all lives: one PRE in a window, and no COMMIT after a later one.
  void check_signed(Member& member, const Message& message) {
    const auto promise = [&member](Window window, const Signature& signature) {
      const auto [held, fresh] = member.pres.try_emplace(window, signature);
      ENSURE(fresh || held->second == signature, "two PREs of a window");
    };
    if (const auto* pre = std::get_if<SignedPre>(&message)) {
      promise(pre->window, pre->signature);
    } else if (const auto* head = std::get_if<PreHead>(&message)) {
      promise(head->window, head->signature);
    } else if (const auto* commit = std::get_if<Commit>(&message)) {
      const bool known = std::find(commits_.begin(), commits_.end(), *commit) != commits_.end();
      if (known) return;  // once more
      commits_.push_back(*commit);
      const bool late = member.pres.upper_bound(commit->window) != member.pres.end();
      ENSURE(!late, "a COMMIT after a later PRE");
    }
  }

  // Messages.

  void send(std::uint32_t from, std::uint32_t to, const Message& message) {
    const Message made = sign(message, samples_.signer(from), samples_.chain, samples_.hasher());
    check_signed(members_[from], made);
    if (from == to) return deliver({from, to, encode(made)});
    letters_.push_back({from, to, encode(made)});
    if (letters_.size() > kLettersMax) letters_.pop_front();
  }
  void deliver(const Letter& letter) {
    old_ = letter;
    auto message = samples_.decode(letter.bytes);
    ENSURE(message, "a server reads what a server says");
    auto verified = validate(std::move(*message), ReplicaId{letter.from}, samples_.chain,
                             samples_.verifier(), samples_.hasher());
    ENSURE(verified, "what an honest server sends is valid");
    feed(letter.to, std::move(*verified));
  }
  void deliver_to(std::uint32_t i) {
    std::deque<Letter> others;
    for (Letter& letter : std::exchange(letters_, {})) {
      if (letter.to == i) {
        deliver(letter);
      } else {
        others.push_back(std::move(letter));
      }
    }
    letters_.insert(letters_.begin(), others.begin(), others.end());
  }
  void deliver_some() {
    for (std::size_t count = input_.below(16); count > 0 && !letters_.empty(); --count) {
      const auto at = letters_.begin() + static_cast<std::ptrdiff_t>(input_.below(letters_.size()));
      const Letter letter = std::move(*at);
      letters_.erase(at);
      deliver(letter);
    }
  }
  void replay() {
    if (old_) deliver(Letter(*old_));
  }

  // Time.

  void tick(std::uint32_t i, Round rounds) {
    members_[i].clock += rounds;
    feed(i, RoundBegins{members_[i].clock});
  }
  /// Clocks that are right.
  void tick_all() {
    Round latest = 0;
    for (const Member& member : members_) latest = std::max(latest, member.clock);
    for (std::uint32_t i = 0; i < parameters_.n; ++i) {
      tick(i, latest + 1 - members_[i].clock);
    }
  }
  /// A round in which all messages arrive but those from and to the blocked.
  void whole_round(std::uint32_t blocked) {
    const auto is_blocked = [blocked](std::uint32_t i) { return (blocked >> i) % 2 == 1; };
    tick_all();
    for (int hops = 0; hops < 12; ++hops) {
      sync_all();
      for (const Letter& letter : std::exchange(letters_, {})) {
        if (!is_blocked(letter.from) && !is_blocked(letter.to)) deliver(letter);
      }
    }
  }

  // Clients. A command that clashes is another one under a number that was used already.

  median::Content content(std::uint32_t client, std::uint64_t number, bool clash) const {
    const std::vector<Bytes> commands{to_bytes(clash ? "other" : "one")};
    return *median::read_content(
        std::make_shared<const Bytes>(
            make_request(samples_.chain.chain_id, samples_.client(client), number, commands)),
        samples_.chain.limits, samples_.hasher());
  }
  void submit(bool clash) {
    const auto client = static_cast<std::uint32_t>(input_.below(kClients));
    std::uint64_t& number = numbers_[client];
    if (done_[samples_.client(client).public_key()] == number) ++number;  // one at a time
    feed(anyone(), ClientCommand{content(client, number, clash)});
  }
  void ask_again() {
    for (std::uint32_t client = 0; client < kClients; ++client) {
      if (numbers_[client] == 0) continue;
      for (std::uint32_t i = 0; i < parameters_.n; ++i) {
        feed(i, ClientCommand{content(client, numbers_[client], false)});
      }
    }
  }
  bool all_done() const {
    return std::all_of(members_.begin(), members_.end(), [this](const Member& member) {
      if (member.executed != order_.size() || member.server->rejoining()) return false;
      for (std::uint32_t client = 0; client < kClients; ++client) {
        const ClientId& key = samples_.client(client).public_key();
        if (member.server->final()->number(key) < numbers_[client]) return false;
      }
      return true;
    });
  }

  Input& input_;
  testing::MedianSamples samples_;
  const Parameters parameters_;
  std::vector<Member> members_;
  std::deque<Letter> letters_;
  std::optional<Letter> old_;
  std::vector<Named> order_;  ///< As somebody executed it first.
  std::vector<Commit> commits_;
  std::map<ClientId, std::uint64_t> done_;
  std::array<std::uint64_t, kClients> numbers_{};
};

}  // namespace

void median_step(ByteView bytes) {
  Input input(bytes);
  Game game(input);
  for (std::size_t moves = 0; !input.empty() && moves < kMovesMax; ++moves) game.move();
  game.end();
}

}  // namespace waggle::fuzz
