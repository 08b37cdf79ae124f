#include "smr/bin/waggle_bench/usage.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace waggle::bench {
namespace {

TEST(Usage, SumsEveryByteOnTheWireOnce) {
  const std::string text =
      "# HELP waggle_peer_bytes_out_total Bytes to peers, TLS included.\n"
      "# TYPE waggle_peer_bytes_out_total counter\n"
      "waggle_peer_bytes_in_total 1000000\n"
      "waggle_peer_bytes_out_total 700\n"
      "waggle_client_bytes_in_total 50\n"
      "waggle_client_bytes_out_total 3\n";
  EXPECT_EQ(parse_wire_bytes(text), 753U);
  EXPECT_EQ(parse_wire_bytes("waggle_up 0\n"), std::nullopt);
  EXPECT_EQ(parse_wire_bytes(""), std::nullopt);
}

TEST(Usage, SeesWhatAProcessUses) {
  const auto before = usage_of(getpid());
  ASSERT_TRUE(before);
  EXPECT_GT(before->rss_bytes, 1'000'000U);
  EXPECT_GE(before->rss_peak_bytes, before->rss_bytes);

  const std::vector<char> block(32 << 20, 'x');
  volatile std::uint64_t sum = 0;
  auto after = before;
  while (after && after->cpu_us < before->cpu_us + 20'000) {
    for (std::uint64_t i = 0; i < 1'000'000; ++i) sum = sum + i;
    after = usage_of(getpid());
  }
  ASSERT_TRUE(after);
  EXPECT_GE(after->rss_peak_bytes, before->rss_bytes + block.size() / 2);
}

TEST(Usage, KnowsNothingOfAProcessThatIsGone) {
  EXPECT_EQ(usage_of(pid_t{0x7ffffff0}), std::nullopt);
  const ClusterUsage usage = usage_of({Replica{getpid(), std::nullopt}, Replica{}});
  EXPECT_EQ(usage.cpu_us, std::nullopt);
  EXPECT_EQ(usage.disk_bytes, std::nullopt);
  EXPECT_EQ(usage.wire_bytes, std::nullopt);
  EXPECT_EQ(usage.rss_peak_mb.size(), 1U);
}

}  // namespace
}  // namespace waggle::bench
