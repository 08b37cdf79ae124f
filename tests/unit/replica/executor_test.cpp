// What execution gives to clients, and how much of it.
#include "smr/replica/executor.hpp"

#include <gtest/gtest.h>

#include "smr/app/kv_store.hpp"
#include "smr/replica/sessions.hpp"
#include "storage/memory_storage.hpp"
#include "tests/support/chain.hpp"

namespace waggle::smr {
namespace {

class ExecutorTest : public ::testing::Test {
 protected:
  explicit ExecutorTest(const app::StateMachine& machine = kStore)
      : executor_(storage_, machine, chain_.hasher, Executed{}) {}

  /// Executes a block with a request of client 0; returns its results.
  std::vector<Bytes> execute(const std::vector<std::string>& commands) {
    top_ = chain_.block({.view = top_->view().value + 1,
                         .parent = top_,
                         .qc = chain_.qc(*top_),
                         .requests = {chain_.request(0, next_, commands)}});
    ExecutionJob job{.block = top_, .decisions = {}, .sessions = {}, .sessions_digest = {}};
    for (std::size_t i = 0; i < commands.size(); ++i) {
      job.decisions.push_back(sessions_.admit(chain_.client(0).public_key(), next_++));
    }
    job.sessions = sessions_.take_changes();
    const auto done = executor_.execute(job);
    EXPECT_TRUE(done);
    std::vector<Bytes> results;
    for (const auto& one : done->answers.at(0).results) results.push_back(one.result);
    return results;
  }
  static std::string text(const app::KvCommand& command) {
    return std::string(as_text(app::encode(command)));
  }

  static inline const app::KvStore kStore{};
  testing::Chain chain_{4};
  storage::MemoryStorage storage_;
  Sessions sessions_{1024, chain_.hasher};
  Executor executor_;
  BlockPtr top_ = chain_.genesis;
  std::uint64_t next_ = 1;
};

/// A request of a few kilobytes could ask for gigabytes.
TEST_F(ExecutorTest, ResultsOfABlockTakeBoundedRoom) {
  constexpr std::size_t kValue = 60'000;
  execute({text(app::KvPut{to_bytes("k"), Bytes(kValue, 'v')})});
  std::vector<std::string> commands(200, text(app::KvGet{to_bytes("k")}));
  commands.push_back(text(app::KvIncrement{to_bytes("n"), 1}));
  const std::vector<Bytes> results = execute(commands);
  ASSERT_EQ(results.size(), commands.size());
  std::size_t bytes = 0;
  std::size_t whole = 0;
  for (const Bytes& result : results) {
    bytes += result.size();
    const auto read = app::decode_kv_result(result);
    ASSERT_TRUE(read);
    if (read->status == app::KvStatus::kOk) ++whole;
    EXPECT_TRUE(read->status == app::KvStatus::kOk || read->status == app::KvStatus::kNoRoom);
  }
  EXPECT_EQ(whole, kBlockResultBytes / kValue + 1) << "those that fit, and the increment";
  EXPECT_LE(bytes, kBlockResultBytes + commands.size() * app::kResultBytesMin);
  EXPECT_EQ(app::decode_kv_result(results.back())->value, to_bytes("1"));
  const auto next = execute({text(app::KvGet{to_bytes("k")})});
  EXPECT_EQ(app::decode_kv_result(next.at(0))->value, Bytes(kValue, 'v')) << "every block anew";
}

/// Keeps to no bound.
struct Talker final : app::StateMachine {
  Bytes apply(const app::CommandContext& context, ByteView, app::StateStore&) const override {
    return Bytes(context.result_bytes_max + 1);
  }
  Bytes query(ByteView, const app::StateView&) const override { return {}; }
};
struct TalkerTest : ExecutorTest {
  TalkerTest() : ExecutorTest(kTalker) {}
  static inline const Talker kTalker{};
};

TEST_F(TalkerTest, WhatIsTooLongIsThrownAway) {
  EXPECT_EQ(execute({"a", "b"}), (std::vector<Bytes>{{}, {}}));
}

}  // namespace
}  // namespace waggle::smr
