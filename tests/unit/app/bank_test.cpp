#include "examples/bank.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crypto/sha256.hpp"
#include "smr/app/memory_state_store.hpp"

namespace waggle::examples {
namespace {

const crypto::Sha256Hasher kHasher;
const ClientId kAlice{{{1}}}, kBob{{{2}}};

class BankTest : public testing::Test {
 protected:
  std::string run(const ClientId& client, const Bytes& command) {
    return std::string(as_text(bank_.apply({.client = client}, command, store_)));
  }
  std::string balance(const ClientId& client) {
    return std::string(as_text(bank_.query(client.view(), store_)));
  }

  Bank bank_;
  app::MemoryStateStore store_{kHasher};
};

TEST_F(BankTest, MovesMoneyOfWhoeverSigned) {
  EXPECT_EQ(run(kAlice, Bank::open(100)), "opened");
  EXPECT_EQ(run(kAlice, Bank::open(100)), "exists already");
  EXPECT_EQ(run(kAlice, Bank::transfer(kBob, 1)), "no such account");
  EXPECT_EQ(run(kBob, Bank::open(0)), "opened");
  EXPECT_EQ(run(kBob, Bank::transfer(kAlice, 1)), "not enough money");
  EXPECT_EQ(run(kAlice, Bank::transfer(kBob, 30)), "sent");
  EXPECT_EQ(run(kAlice, Bank::transfer(kAlice, 70)), "sent");
  EXPECT_EQ(balance(kAlice), "70");
  EXPECT_EQ(balance(kBob), "30");
}

TEST_F(BankTest, NeverOverflows) {
  run(kAlice, Bank::open(UINT64_MAX));
  run(kBob, Bank::open(1));
  EXPECT_EQ(run(kBob, Bank::transfer(kAlice, 1)), "too much money");
  EXPECT_EQ(balance(kBob), "1");
}

TEST_F(BankTest, AnswersNonsenseAndChangesNothing) {
  ASSERT_TRUE(rc::check([this](const Bytes& nonsense) {
    RC_PRE(nonsense.size() != 9u && nonsense.size() != 41u);
    RC_ASSERT(run(kAlice, nonsense) == "not a command");
    RC_ASSERT(store_.size() == 0u);
  }));
  EXPECT_EQ(balance(kAlice), "no such account");
}

}  // namespace
}  // namespace waggle::examples
