#include <algorithm>

#include <rapidcheck.h>

#include "tests/unit/client/fake_cluster.hpp"

namespace waggle::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::FakeCluster;
using testing_support::Mood;

/// One thing after the other happens to a client and its cluster. The first f replicas misbehave at
/// times; any may be unreachable.
class Story {
 public:
  explicit Story(std::uint32_t n) : cluster(n) { cluster.start_client(); }

  void act(std::uint8_t kind, std::uint8_t detail) {
    const auto replica = static_cast<std::uint32_t>(detail % cluster.moods.size());
    switch (kind % 10) {
      case 0:
      case 1:
      case 2: submit(1 + detail % 5, seconds(2)); break;
      case 3: submit(1, milliseconds(detail)); break;
      case 4: cluster.disconnect(replica); break;
      case 5: cluster.connect(replica); break;
      case 6: misbehave(detail); break;
      case 7: cluster.ordering = !cluster.ordering; break;
      case 8: restart(detail % 2 == 0); break;
      case 9: cluster.moods.assign(cluster.moods.size(), Mood::kHonest); break;
    }
    cluster.run_for(milliseconds(5 * (detail % 64)));
  }

  void heal() {
    cluster.ordering = true;
    cluster.moods.assign(cluster.moods.size(), Mood::kHonest);
    for (std::uint32_t i = 0; i < cluster.moods.size(); ++i) cluster.connect(i);
    cluster.run_for(seconds(20));
  }

  void submit(std::size_t count, Duration timeout) {
    std::vector<std::string> commands;
    for (std::size_t i = 0; i < count; ++i) commands.push_back("c" + std::to_string(next_++));
    cluster.submit(std::move(commands), timeout);
  }

  FakeCluster cluster;

 private:
  void misbehave(std::uint8_t detail) {
    static constexpr Mood kMoods[] = {Mood::kSilent, Mood::kLiar, Mood::kRefusing};
    const std::size_t n = cluster.moods.size();
    for (std::size_t i = 0; i < (n - 1) / 3; ++i) {
      cluster.moods[i] = kMoods[(detail / 16 + i) % 3];
    }
    cluster.refusal = detail % 2 == 0 ? Refusal::kMempoolFull : Refusal::kBadSignature;
  }
  void restart(bool clean) {
    if (clean) cluster.engine().close();
    cluster.run_for(milliseconds(1));
    cluster.kill_client();
    cluster.start_client();
  }

  int next_ = 0;
};

TEST(EngineProperty, ExactlyOnceAndTruthfulWhateverHappens) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& acts) {
    Story story(*rc::gen::element<std::uint32_t>(1, 4, 7));
    for (const auto& [kind, detail] : acts) story.act(kind, detail);
    story.heal();
    story.submit(1, seconds(10));
    story.cluster.run_for(seconds(11));

    std::vector<std::string> executed = story.cluster.executed();
    const std::string last = executed.empty() ? "" : executed.back();
    std::sort(executed.begin(), executed.end());
    RC_ASSERT(std::adjacent_find(executed.begin(), executed.end()) == executed.end());
    for (const auto& [command, outcome] : story.cluster.outcomes()) {
      const bool done = std::binary_search(executed.begin(), executed.end(), command);
      if (const auto* committed = std::get_if<Committed>(&outcome)) {
        RC_ASSERT(done);
        RC_ASSERT(as_text(committed->result) == "r" + command);
      } else if (!std::holds_alternative<Unknown>(outcome)) {
        RC_ASSERT(!done);
      }
    }
    // Nothing is left hanging, and the client still works.
    RC_ASSERT(story.cluster.engine().requests_in_flight() == 0u);
    RC_ASSERT(story.cluster.outcome<Committed>(last) != nullptr);
  }));
}

}  // namespace
}  // namespace waggle::client
