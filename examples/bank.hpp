#pragma once

#include <string>

#include "consensus/core/encoding.hpp"
#include "smr/app/state_machine.hpp"

/// A state machine of one's own: a bank. Clients open an account with an opening balance and send
/// each other money; who may spend is decided by who signed the command.
///
/// A command is   1 u8 | amount u64                        open my account
///            or  2 u8 | to (client id) 32 | amount u64    transfer from me
/// A query is     the client id, 32 bytes.
/// Every answer is one line of text.
namespace waggle::examples {

class Bank final : public app::StateMachine {
 public:
  static Bytes open(std::uint64_t amount) { return Writer().u8(1).u64(amount).take(); }
  static Bytes transfer(const ClientId& to, std::uint64_t amount) {
    return Writer().u8(2).fixed(to).u64(amount).take();
  }

  // Called on every replica for every committed command, in the same order everywhere. All that
  // it may look at is its arguments; all that it may change is the store. What it puts there
  // becomes durable together with the block, is part of the state digest by which replicas compare
  // notes, and of snapshots: there is nothing else to write.
  Bytes apply(const app::CommandContext& context, ByteView command,
              app::StateStore& store) const override {
    Reader reader(command);
    switch (reader.u8()) {
      case 1: {
        const std::uint64_t amount = reader.u64();
        if (!reader.done()) break;
        return apply_open(context.client, amount, store);
      }
      case 2: {
        const auto to = reader.fixed<ClientId>();
        const std::uint64_t amount = reader.u64();
        if (!reader.done()) break;
        return apply_transfer(context.client, to, amount, store);
      }
      default: break;
    }
    // Anybody may send anything. The command is in the chain already, so it gets an answer, the
    // same on all replicas; never an exception, never an abort.
    return to_bytes("not a command");
  }

  // Answers from one replica's state, without ordering; several threads may ask at once.
  Bytes query(ByteView query, const app::StateView& state) const override {
    const auto balance = state.get(query);
    return to_bytes(balance ? std::to_string(amount_in(*balance)) : "no such account");
  }

 private:
  static Bytes apply_open(const ClientId& owner, std::uint64_t amount, app::StateStore& store) {
    if (store.get(owner.view())) return to_bytes("exists already");
    set_balance(owner, amount, store);
    return to_bytes("opened");
  }

  static Bytes apply_transfer(const ClientId& from, const ClientId& to, std::uint64_t amount,
                              app::StateStore& store) {
    const auto mine = store.get(from.view());
    const auto theirs = store.get(to.view());
    if (!mine || !theirs) return to_bytes("no such account");
    if (amount_in(*mine) < amount) return to_bytes("not enough money");
    if (from != to) {
      if (amount_in(*theirs) + amount < amount) return to_bytes("too much money");
      set_balance(from, amount_in(*mine) - amount, store);
      set_balance(to, amount_in(*theirs) + amount, store);
    }
    return to_bytes("sent");
  }

  static void set_balance(const ClientId& owner, std::uint64_t amount, app::StateStore& store) {
    store.put(owner.view(), Writer().u64(amount).bytes());
  }
  static std::uint64_t amount_in(ByteView value) { return Reader(value).u64(); }
};

}  // namespace waggle::examples
