#include "smr/replica/threads/intake.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace waggle::smr {
namespace {

/// Runs jobs when told to.
struct Pool {
  void run_one() {
    const Intake::Job job = std::move(jobs.front());
    jobs.pop_front();
    job();
  }
  void run_all() {
    while (!jobs.empty()) run_one();
  }
  std::deque<Intake::Job> jobs;
};

struct IntakeTest : ::testing::Test {
  Intake make(const Intake::Limits& limits) {
    return Intake(limits, [this](Intake::Job job) { pool.jobs.push_back(std::move(job)); });
  }
  bool submit(Intake& intake, Intake::Source source, std::size_t bytes = 1) {
    return intake.submit(source, bytes, [this, source](const Intake::Ticket& ticket) {
      done += std::to_string(source);
      if (keep) kept.push_back(ticket);
    });
  }
  Pool pool;
  std::string done;
  bool keep = false;
  std::vector<Intake::Ticket> kept;
};

TEST_F(IntakeTest, ASourceLosesOnlyItsOwnMessages) {
  Intake intake = make({.messages_max = 3});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(submit(intake, 1));
  EXPECT_FALSE(submit(intake, 1));
  EXPECT_TRUE(submit(intake, 2));
  pool.run_all();
  EXPECT_EQ(done, "1112");
  EXPECT_TRUE(submit(intake, 1)) << "its place is free again";
}

TEST_F(IntakeTest, AMessageKeepsItsPlaceUntilItsTicketIsGone) {
  Intake intake = make({.messages_max = 2});
  keep = true;
  submit(intake, 1);
  submit(intake, 1);
  pool.run_all();
  EXPECT_FALSE(submit(intake, 1)) << "worked on, and not dealt with";
  kept.pop_back();
  EXPECT_TRUE(submit(intake, 1));
  EXPECT_FALSE(submit(intake, 1));
}

TEST_F(IntakeTest, BytesAreBoundedOfOneSourceAndOfAll) {
  Intake intake = make({.bytes_max = 100, .all_bytes_max = 150});
  EXPECT_TRUE(submit(intake, 1, 500)) << "a large message alone is not kept out";
  EXPECT_FALSE(submit(intake, 1, 1));
  pool.run_all();
  EXPECT_TRUE(submit(intake, 1, 60));
  EXPECT_FALSE(submit(intake, 1, 41));
  EXPECT_TRUE(submit(intake, 1, 40));
  EXPECT_TRUE(submit(intake, 2, 50));
  EXPECT_FALSE(submit(intake, 2, 1)) << "all together";
  EXPECT_TRUE(submit(intake, 3, 1)) << "but nobody is kept out entirely";
}

TEST_F(IntakeTest, SourcesTakeTurns) {
  Intake intake = make({.turn_messages_max = 2});
  for (int i = 0; i < 6; ++i) submit(intake, 1);
  EXPECT_EQ(pool.jobs.size(), 2u);
  submit(intake, 2);
  pool.run_all();
  EXPECT_EQ(done, "1121111") << "the second source waits for one turn of the first";
}

TEST_F(IntakeTest, ATurnIsBoundedInBytesToo) {
  Intake intake = make({.turn_bytes_max = 100});
  submit(intake, 1, 60);
  submit(intake, 1, 60);
  submit(intake, 1, 60);
  EXPECT_EQ(pool.jobs.size(), 1u);
  pool.run_one();
  EXPECT_EQ(pool.jobs.size(), 1u);
  pool.run_all();
  EXPECT_EQ(done, "111");
}

TEST_F(IntakeTest, WhatThePoolDropsLeavesNoTrace) {
  Intake intake = make({.messages_max = 2, .turn_messages_max = 1});
  submit(intake, 1);
  submit(intake, 1);
  {
    const Intake::Job dropped = std::move(pool.jobs.front());
    pool.jobs.pop_front();
  }  // and the next one takes its turn
  EXPECT_EQ(pool.jobs.size(), 1u);
  EXPECT_TRUE(submit(intake, 1));
  pool.run_all();
  EXPECT_EQ(done, "11") << "two of three";
}

TEST_F(IntakeTest, TicketsMayOutliveIt) {
  keep = true;
  {
    Intake intake = make({});
    submit(intake, 1);
    pool.run_all();
  }
  kept.clear();
}

TEST(IntakeThreads, ManySourcesAtOnce) {
  std::mutex mutex;
  std::vector<Intake::Job> jobs;
  Intake intake({.messages_max = 50, .turn_messages_max = 4}, [&](Intake::Job job) {
    const std::lock_guard lock(mutex);
    jobs.push_back(std::move(job));
  });
  std::atomic<int> taken{0}, worked{0}, ended{0};
  std::vector<std::thread> threads;
  for (Intake::Source source = 0; source < 3; ++source) {
    threads.emplace_back([&, source] {
      for (int i = 0; i < 2000; ++i) taken += intake.submit(source, 10, [&](auto) { ++worked; });
      ++ended;
    });
  }
  for (bool last = false; !last;) {
    last = ended == 3;
    std::vector<Intake::Job> batch;
    {
      const std::lock_guard lock(mutex);
      batch.swap(jobs);
    }
    last = last && batch.empty();
    for (const Intake::Job& job : batch) job();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, worked);
  EXPECT_GE(taken, 3 * 50);
}

}  // namespace
}  // namespace waggle::smr
