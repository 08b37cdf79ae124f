// Runs the state machine of bank.hpp by hand, on a store in memory, the way a replica does on
// its disk. A daemon with the bank in it is smr/bin/waggled with KvStore replaced by Bank.

#include "examples/bank.hpp"

#include <iostream>

#include "crypto/sha256.hpp"
#include "smr/app/memory_state_store.hpp"

int main() {
  using waggle::examples::Bank;
  const waggle::crypto::Sha256Hasher hasher;
  waggle::app::MemoryStateStore store(hasher);
  const Bank bank;

  // In a cluster a client's id is its public key, and the signature proves who commands.
  const waggle::ClientId alice{{1}};
  const waggle::ClientId bob{{2}};
  waggle::Height height;
  const auto run = [&](const char* what, const waggle::ClientId& client,
                       const waggle::Bytes& command) {
    height = height.next();
    const auto answer = bank.apply({.client = client, .height = height}, command, store);
    std::cout << what << ": " << waggle::as_text(answer) << '\n';
  };
  run("alice opens with 100       ", alice, Bank::open(100));
  run("bob opens with 5           ", bob, Bank::open(5));
  run("alice sends bob 30         ", alice, Bank::transfer(bob, 30));
  run("bob sends alice 36         ", bob, Bank::transfer(alice, 36));
  run("bob sends something unclear", bob, waggle::to_bytes("hello"));

  std::cout << "balance of alice: " << waggle::as_text(bank.query(alice.view(), store)) << '\n'
            << "balance of bob: " << waggle::as_text(bank.query(bob.view(), store)) << '\n'
            << "state digest: " << waggle::to_hex(bank.digest(store).view()) << '\n';
}
