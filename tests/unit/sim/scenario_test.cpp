#include "sim/scenario/scenario.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/run.hpp"

namespace waggle::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

config::Loaded<Scenario> parse(std::string_view text, const std::vector<Override>& set = {}) {
  return parse_scenario(text, "folder/some.toml", set);
}
std::string error_of(std::string_view text, const std::vector<Override>& set = {}) {
  const auto parsed = parse(text, set);
  return parsed ? "" : parsed.error().to_string();
}

TEST(Scenario, NothingIsRequired) {
  const auto scenario = parse("");
  ASSERT_TRUE(scenario);
  EXPECT_EQ(scenario->name, "some");
  EXPECT_EQ(scenario->world.n, 4U);
  EXPECT_EQ(scenario->world.core, "pbeegees");
  EXPECT_EQ(scenario->plan.commands, 40U);
  EXPECT_TRUE(scenario->faults.empty());
}

TEST(Scenario, ReadsEverySection) {
  const auto scenario = parse(R"(
name = "all"
[world]
n = 7
core = "beegees"
seed = 9
duration = "20s"
signatures = "ed25519"
[pacemaker]
view_timeout = "300ms"
[network]
latency = "1ms"
loss = "1.5%"
gst = "2s"
[network.before_gst]
loss = "50%"
[[network.link]]
from = [0]
to = [1, 2]
fifo = true
[disk]
sync = "9ms"
[clock]
drift = "1%"
[workload]
clients = 5
commands = 0
delete = 2
[[fault]]
kind = "crash"
replicas = [1, 2]
at = "1s"
for = "500ms"
every = "2s"
times = 3
[[fault]]
kind = "drop"
message = "vote"
views = [3, 5]
share = "50%"
[[adversary]]
strategy = "mixed"
replicas = [6]
from = "1s"
[expect]
verdict = "stalled"
bound = 7
)");
  ASSERT_TRUE(scenario) << scenario.error().to_string();
  EXPECT_EQ(scenario->name, "all");
  EXPECT_EQ(scenario->world.n, 7U);
  EXPECT_EQ(scenario->world.signatures, Signatures::kEd25519);
  EXPECT_EQ(scenario->world.pacemaker.view_timeout, milliseconds(300));
  EXPECT_EQ(scenario->world.network.quality.lost, Share{15'000});
  ASSERT_TRUE(scenario->world.network.before_gst);
  EXPECT_EQ(scenario->world.network.before_gst->lost, permille(500));
  EXPECT_EQ(scenario->world.network.before_gst->latency.max(), milliseconds(1));
  EXPECT_EQ(scenario->world.network.links.at(0).quality.lost, Share{15'000});
  EXPECT_TRUE(scenario->world.network.links.at(0).quality.fifo);
  EXPECT_EQ(scenario->plan.commands, ClientPlan::kEndless);
  EXPECT_EQ(scenario->plan.mix.erase, 2U);
  ASSERT_EQ(scenario->faults.size(), 4U);
  EXPECT_EQ(scenario->faults[2].at, seconds(5));
  EXPECT_EQ(std::get<MessageFault>(scenario->faults[3].what).rule.view_max, View{5});
  EXPECT_EQ(scenario->adversaries.at(0).kind->name, "mixed");
  EXPECT_EQ(scenario->expect.verdict, Verdict::kStalled);
  EXPECT_EQ(scenario->expect.bound, 7U);
}

TEST(Scenario, SaysWhatIsWrongAndWhere) {
  const std::string at = "folder/some.toml:";
  EXPECT_EQ(error_of("[world]\nn = 4\ndurration = \"1s\""),
            at + "3: world.durration: unknown key; did you mean duration?");
  EXPECT_EQ(
      error_of("[world]\nduration = \"1\""),
      at + "2: world.duration: \"1\" is not a duration such as \"250us\", \"20ms\" or \"1.5s\"");
  EXPECT_EQ(error_of("[world]\nn = 300"), at + "2: world.n: 300 is out of range, 1 .. 256");
  EXPECT_EQ(error_of("[[fault]]\nat = \"1s\""),
            at + "1: fault[0].kind: must be there, as text in quotes");
  EXPECT_EQ(error_of("[[fault]]\nkind = \"pauze\""),
            at + "2: fault[0].kind: \"pauze\" is unknown; did you mean \"pause\"?");
  EXPECT_EQ(
      error_of("[[fault]]\nkind = \"pause\"\nreplicas = [0]\ngroups = [[1]]"),
      at + "4: fault[0].groups: unknown key; valid here: at, for, every, times, kind, replicas");
  EXPECT_EQ(error_of("[[fault]]\nkind = \"random\""),
            at + "1: fault[0].for: missing: random faults must end");
  EXPECT_EQ(error_of("[[fault]]\nkind = \"pause\"\nreplicas = [0]\nat = \"11s\""),
            at + "1: world: duration is over at 10000ms, before the last fault or GST at 11000ms");
  EXPECT_EQ(error_of("[[adversary]]\nstrategy = \"mixed\"\nreplicas = [4]"),
            at + "3: adversary[0].replicas: 4 is out of range, 0 .. 3");
  EXPECT_EQ(error_of("[network]\nloss = 5"),
            at + "2: network.loss: this is not a share such as \"5%\" or \"0.25%\"");
}

TEST(Scenario, OverridesReplaceAndAdd) {
  const std::string_view text = "[world]\nn = 4\n[[fault]]\nkind = \"pause\"\nreplicas = [0]\n";
  const auto scenario = parse(text, {{"world.n", "7"},
                                     {"network.loss", "5%"},
                                     {"fault.0.replicas", "[5, 6]"},
                                     {"workload.commands", "3"}});
  ASSERT_TRUE(scenario) << scenario.error().to_string();
  EXPECT_EQ(scenario->world.n, 7U);
  EXPECT_EQ(scenario->world.network.quality.lost, permille(50));
  EXPECT_EQ(scenario->faults.at(0).replicas, (std::vector<std::uint32_t>{5, 6}));
  EXPECT_EQ(scenario->plan.commands, 3U);
  EXPECT_EQ(error_of(text, {{"world.m", "7"}}),
            "folder/some.toml: world.m: unknown key; did you mean n?");
  EXPECT_EQ(error_of(text, {{"fault.1.at", "1s"}}),
            "folder/some.toml: fault.1.at: there is no such place to set a value");
  EXPECT_EQ(error_of(text, {{"world.n.x", "1"}}),
            "folder/some.toml: world.n.x: there is no such place to set a value");
}

TEST(Scenario, EveryStrategyCanBeNamed) {
  for (const AdversaryKind& kind : adversary_kinds()) {
    const std::string text =
        "[[adversary]]\nreplicas = [1]\nstrategy = \"" + std::string(kind.name) + "\"\n";
    EXPECT_TRUE(parse(text)) << kind.name;
  }
}

TEST(Run, ExpectationsAreChecked) {
  const auto scenario =
      parse("[workload]\ncommands = 2\n[expect]\ncommitted_min = 1000\nstops = [1]");
  ASSERT_TRUE(scenario);
  const RunReport report = run_scenario(*scenario, nullptr);
  EXPECT_EQ(report.verdict, Verdict::kViolation);
  ASSERT_EQ(report.violations.size(), 2U);
  EXPECT_EQ(report.violations[0].property, "expectation");
}

TEST(Run, SeedsDifferAndRepeat) {
  auto scenario = parse("[workload]\ncommands = 5");
  ASSERT_TRUE(scenario);
  const std::uint64_t first = run_scenario(*scenario, nullptr).digest;
  EXPECT_EQ(run_scenario(*scenario, nullptr).digest, first);
  scenario->world.seed = 2;
  EXPECT_NE(run_scenario(*scenario, nullptr).digest, first);
}

}  // namespace
}  // namespace waggle::sim
