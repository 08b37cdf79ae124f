#include "smr/bin/waggle_bench/ledger.hpp"

#include <gtest/gtest.h>

#include "smr/app/kv_command.hpp"

namespace waggle::bench {
namespace {

class LedgerTest : public ::testing::Test {
 protected:
  static Bytes put(const std::string& key, const std::string& value) {
    return encode(app::KvCommand(app::KvPut{to_bytes(key), to_bytes(value)}));
  }
  static client::Outcome at(std::uint64_t height) {
    client::Committed committed;
    committed.height = Height{height};
    return committed;
  }
  std::uint64_t lost(const std::map<std::string, std::string>& store) const {
    Ledger::Store bytes;
    for (const auto& [key, value] : store) bytes.emplace(to_bytes(key), to_bytes(value));
    return ledger_.compare(bytes).lost;
  }

  Ledger ledger_;
};

TEST_F(LedgerTest, TheLastBlockDecidesWhateverTheOrderOfTheAnswers) {
  ledger_.note({put("a", "new"), put("b", "1")}, {at(7), at(7)});
  ledger_.note({put("a", "old")}, {at(6)});
  EXPECT_EQ(lost({{"a", "new"}, {"b", "1"}, {"c", "somebody else's"}}), 0U);
  EXPECT_EQ(lost({{"a", "old"}, {"b", "1"}}), 1U);
  EXPECT_EQ(lost({{"a", "new"}}), 1U) << "a key that is gone";
  EXPECT_EQ(ledger_.compare({}).keys, 2U);
  EXPECT_EQ(ledger_.compare({}).first, "a");
}

TEST_F(LedgerTest, WithinABlockAnyOrderWillDo) {
  ledger_.note({put("a", "one"), put("a", "two")}, {at(3), at(3)});
  EXPECT_EQ(lost({{"a", "one"}}), 0U);
  EXPECT_EQ(lost({{"a", "two"}}), 0U);
  EXPECT_EQ(lost({{"a", "three"}}), 1U);
}

TEST_F(LedgerTest, WhatMayHaveBeenWrittenMayBeThere) {
  ledger_.note({put("a", "sure"), put("a", "perhaps"), put("a", "never"), put("b", "perhaps")},
               {at(3), client::Unknown{2, {}}, client::Rejected{Refusal::kMempoolFull, {}},
                client::Unknown{4, {}}});
  EXPECT_EQ(lost({{"a", "sure"}}), 0U);
  EXPECT_EQ(lost({{"a", "perhaps"}}), 0U);
  EXPECT_EQ(lost({{"a", "never"}}), 1U);
  EXPECT_EQ(ledger_.compare({}).keys, 1U) << "nothing was promised of b";
}

}  // namespace
}  // namespace waggle::bench
