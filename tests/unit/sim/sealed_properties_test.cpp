// Every checker of a world with the median rule can fail: it is shown the contradiction that it is
// there for, and what comes closest to it and is allowed.
#include <gtest/gtest.h>

#include "consensus/core/domain.hpp"
#include "sim/checker/judge.hpp"
#include "sim/checker/seal_soundness.hpp"
#include "sim/checker/sealed_integrity.hpp"
#include "tests/unit/median/samples.hpp"

namespace waggle::sim {
namespace {

using median::Commit;
using median::Message;
using median::PreHead;
using median::Sealed;
using testing::MedianSamples;

class SealedProperties : public ::testing::Test {
 protected:
  SealedProperties() {
    judge.demand<SealedIntegrity>(&samples.hasher());
    seals = &judge.demand<SealSoundness>(&samples.hasher());
    for (std::uint64_t number = 1; number <= 3; ++number) {
      judge.on_submitted(client(), number, put);
      entries.push_back(entry(number, number - 1));
    }
  }
  std::string found() const {
    const auto& violations = judge.violations();
    return violations.empty() ? "" : violations.front().property;
  }
  ClientId client() const { return samples.client(0).public_key(); }

  Sealed entry(std::uint64_t number, std::uint64_t position, const std::string& value = "v") const {
    const std::vector<Bytes> commands{app::encode(app::KvPut{to_bytes("k"), to_bytes(value)})};
    auto request = std::make_shared<const Bytes>(
        make_request(samples.chain.chain_id, samples.client(0), number, commands));
    const median::Content content =
        *median::read_content(std::move(request), samples.chain.limits, samples.hasher());
    const median::Command& command = content.command;
    return {position, {command.client, command.number, command.digest}, content.request, true};
  }
  smr::Executed position(std::uint64_t length, std::uint8_t state = 1) const {
    smr::Executed executed;
    executed.height = Height{length};
    executed.digest.bytes[0] = state;
    return executed;
  }
  void execute(std::uint32_t server, const std::vector<Sealed>& some, std::uint8_t state = 1) {
    judge.on_sealed(ReplicaId{server}, some, position(some.back().position + 1, state));
  }
  void say(std::uint32_t server, const Message& message) {
    judge.on_said(ReplicaId{server}, message);
  }
  PreHead pre(median::Window window, std::uint8_t signature = 1) const {
    PreHead head{.window = window};
    head.signature.bytes[0] = signature;
    return head;
  }
  /// Of the entries that were executed, unless another root is given.
  Commit commit(std::uint32_t server, median::Window window, std::uint64_t length,
                std::optional<Digest> root = std::nullopt) const {
    Forest forest;
    for (std::uint64_t i = 0; i < length; ++i) {
      forest.append(*entries[i].entry.digest, samples.hasher());
    }
    return {ReplicaId{server}, window, length, root.value_or(forest.root(samples.hasher())), {}};
  }

  const MedianSamples samples;
  const app::KvCommand put = app::KvPut{to_bytes("k"), to_bytes("v")};
  Judge judge{Judge::Of::kEntries, 4, 1, true};
  SealSoundness* seals = nullptr;
  std::vector<Sealed> entries;
};

TEST_F(SealedProperties, AgreementOnOneEntryPerPosition) {
  execute(0, entries);
  execute(1, {entries[0]});
  execute(1, {entries[1], entries[2]});
  EXPECT_EQ(found(), "");
  EXPECT_EQ(judge.highest(), Height{3});
  execute(2, {entry(1, 0, "other")});
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, AgreementOnWhatApplies) {
  execute(0, {entries[0]});
  Sealed nothing = entries[0];
  nothing.applies = false;
  execute(1, {nothing});
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, EntriesExecuteInOrderEachOnce) {
  execute(0, {entries[0], entries[1]});
  judge.on_restarted(ReplicaId{0}, position(1));
  execute(0, {entries[1]});  // what was not durable is executed again
  EXPECT_EQ(found(), "");
  execute(0, {entries[1]});
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, EntriesExecuteWithoutGaps) {
  execute(0, {entries[1]});
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, EqualStatesAfterEqualLengths) {
  execute(0, {entries[0]}, 1);
  execute(1, {entries[0]}, 1);
  execute(1, {entries[1]}, 2);
  EXPECT_EQ(found(), "");
  execute(0, {entries[1]}, 3);
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, AStateThatIsTakenOverIsThatOfTheOthers) {
  execute(0, {entries[0], entries[1]}, 5);
  judge.on_installed(ReplicaId{1}, position(2, 5));
  execute(1, {entries[2]}, 6);
  EXPECT_EQ(found(), "");
  judge.on_installed(ReplicaId{2}, position(2, 7));
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, FinalSequencesOfOneLengthAreEqualAndDoNotShrink) {
  median::FinalPrefix final;
  const auto take = [&](std::uint32_t server, std::uint64_t length, std::uint8_t chain) {
    final.length = length;
    final.chain.bytes[0] = chain;
    judge.on_final(ReplicaId{server}, final);
  };
  take(0, 3, 1);
  take(1, 3, 1);
  take(1, 5, 2);
  EXPECT_EQ(found(), "");
  judge.on_forgot(ReplicaId{1});
  take(1, 3, 1);
  EXPECT_EQ(found(), "");
  take(0, 5, 3);
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, AFinalSequenceDoesNotShrink) {
  median::FinalPrefix final;
  final.length = 3;
  judge.on_final(ReplicaId{0}, final);
  final.length = 2;
  judge.on_final(ReplicaId{0}, final);
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, AFinalSequenceIsAsLongAsWhatWasExecutedAfterARestart) {
  execute(0, entries);
  median::FinalPrefix final;
  final.length = 5;  // not on disk yet
  judge.on_final(ReplicaId{0}, final);
  judge.on_restarted(ReplicaId{0}, position(3));
  final.length = 4;
  final.chain.bytes[0] = 1;
  judge.on_final(ReplicaId{0}, final);
  EXPECT_EQ(found(), "");
  judge.on_restarted(ReplicaId{0}, position(3));
  final.length = 2;
  judge.on_final(ReplicaId{0}, final);
  EXPECT_EQ(found(), "agreement");
}

TEST_F(SealedProperties, OnlySubmittedCommandsExecute) {
  execute(0, {entries[0]});
  EXPECT_EQ(found(), "");
  execute(0, {entry(2, 1, "never submitted")});
  EXPECT_EQ(found(), "integrity");
}

TEST_F(SealedProperties, CommandsExecuteOnce) {
  execute(0, {entries[0], entry(1, 1)});
  EXPECT_EQ(found(), "integrity");
}

TEST_F(SealedProperties, WhatDoesNotApplyMayBeAnything) {
  Sealed again = entry(1, 1);
  again.applies = false;
  execute(0, {entries[0], again});
  EXPECT_EQ(found(), "");
}

TEST_F(SealedProperties, ClientsAreToldWhereTheirCommandStands) {
  execute(0, entries);
  smr::Committed where{client(), View{1}, Height{2}, {}, {}, {}};
  judge.on_acknowledged(client(), 2, where, {});
  EXPECT_EQ(found(), "");
  judge.on_acknowledged(client(), 3, where, {});
  EXPECT_EQ(found(), "integrity");
}

TEST_F(SealedProperties, ClientsAreToldOfNothingThatNobodyExecuted) {
  judge.on_acknowledged(client(), 1, {client(), View{1}, Height{1}, {}, {}, {}}, {});
  EXPECT_EQ(found(), "integrity");
}

TEST_F(SealedProperties, OnePreInAWindow) {
  say(0, pre(3));
  say(0, pre(3));  // said again, after a restart
  say(1, pre(3, 2));
  say(0, pre(5));
  EXPECT_EQ(found(), "");
  EXPECT_EQ(judge.news(), 3U);
  say(0, pre(5, 2));
  EXPECT_EQ(found(), "durability");
}

TEST_F(SealedProperties, APreIsTheSameWholeOrByItsHead) {
  say(0, pre(3, 1));
  median::SignedPre whole{.window = 3};
  whole.signature.bytes[0] = 2;
  say(0, whole);
  EXPECT_EQ(found(), "durability");
}

TEST_F(SealedProperties, PresRise) {
  say(0, pre(3));
  say(0, pre(2));
  EXPECT_EQ(found(), "durability");
}

TEST_F(SealedProperties, NoCommitAfterALaterPre) {
  execute(0, entries);
  say(0, pre(3));
  say(0, commit(0, 3, 1));
  say(0, pre(4));
  say(0, commit(0, 3, 1));  // once more
  EXPECT_EQ(found(), "");
  say(0, commit(0, 3, 2));
  EXPECT_EQ(found(), "durability");
}

TEST_F(SealedProperties, CommitsOfAWindowGetLonger) {
  execute(0, entries);
  say(0, commit(0, 3, 1));
  say(0, commit(0, 3, 2));
  say(0, commit(0, 4, 1));
  EXPECT_EQ(found(), "");
  say(0, commit(0, 4, 1, Digest{}));
  EXPECT_EQ(found(), "durability");
}

TEST_F(SealedProperties, SealsAreOfWhatWasExecuted) {
  execute(0, entries);
  say(0, commit(0, 3, 3));
  say(1, commit(1, 3, 2));
  say(2, commit(2, 3, 3));
  EXPECT_EQ(found(), "");
  say(0, commit(0, 4, 2, Digest{}));
  say(1, commit(1, 4, 3));
  EXPECT_EQ(found(), "") << "two of four seal nothing";
  say(2, commit(2, 4, 3));
  EXPECT_EQ(found(), "proof_soundness");
}

TEST_F(SealedProperties, SealsAreJudgedWhenTheirEntriesExecute) {
  for (std::uint32_t i = 0; i < 3; ++i) say(i, commit(i, 3, 2, Digest{}));
  execute(0, {entries[0]});
  EXPECT_EQ(found(), "");
  execute(0, {entries[1]});
  EXPECT_EQ(found(), "proof_soundness");
}

TEST_F(SealedProperties, PathsLeadToTheRootsOfTheExecutedSequence) {
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < 21; ++i) {
    Sealed one = entry(i + 10, i, "x");
    one.applies = i % 5 != 0;
    leaves.push_back(one.applies ? *one.entry.digest : samples.hasher().hash({domain::kNullLeaf}));
    seals->on_sealed(ReplicaId{0}, std::vector<Sealed>{one}, position(one.position + 1));
  }
  ASSERT_EQ(seals->count(), 21U);
  for (const std::uint64_t length : {1U, 2U, 13U, 16U, 21U}) {
    Forest forest;
    forest.append(std::span(leaves).first(length), samples.hasher());
    for (std::uint64_t at = 0; at < length; ++at) {
      EXPECT_EQ(certificate::root_of(seals->path(at, length), leaves[at], samples.hasher()),
                forest.root(samples.hasher()))
          << at << " of " << length;
    }
  }
}

TEST_F(SealedProperties, ProofsNameWhatExecuted) {
  execute(0, entries);
  certificate::ProvenSeal proven;
  proven.client = client();
  proven.number = 2;
  proven.command = app::encode(put);
  proven.position = 1;
  judge.on_seal_proof(ReplicaId{0}, proven);
  EXPECT_EQ(found(), "");
  proven.position = 2;
  judge.on_seal_proof(ReplicaId{0}, proven);
  EXPECT_EQ(found(), "proof_soundness");
}

TEST_F(SealedProperties, LogsAreBounded) {
  judge.on_usage(ReplicaId{0}, {.log_entries = 16'384});
  EXPECT_EQ(found(), "");
  judge.on_usage(ReplicaId{0}, {.log_entries = 16'385});
  EXPECT_EQ(found(), "bounds");
}

}  // namespace
}  // namespace waggle::sim
