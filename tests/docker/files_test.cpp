// Compose files, alert rules and the dashboard: whole, consistent, and accepted by their programs.
// .ci/run installs docker-compose and promtool (scripts/deps.sh --ci); what lacks them is skipped.
#include <filesystem>
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/process.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::docker {
namespace {

namespace fs = std::filesystem;
using integration::Finished;
using integration::read_text;

const fs::path kDocker = fs::path(WAGGLE_SOURCE_DIR) / "docker";
const fs::path kMonitoring = kDocker / "monitoring";

class Files : public testing::Test {
 protected:
  Finished shell(const std::string& command) {
    return integration::run({"/bin/sh", "-c", command}, scratch_.path(), integration::seconds(60));
  }
  bool runs(const std::string& command) { return shell(command).code == 0; }
  void expect_success(const std::string& command) {
    const Finished ended = shell(command);
    EXPECT_EQ(ended.code, 0) << command << '\n' << ended.out << ended.err;
  }

  const TempFolder scratch_;
};

class ComposeFiles : public Files, public testing::WithParamInterface<int> {
 protected:
  const std::string n_ = std::to_string(GetParam());
  const fs::path file_ = kDocker / ("compose-" + n_ + ".yml");
};

TEST_P(ComposeFiles, AreWhatTheScriptPrints) {
  const Finished made = shell((kDocker / "compose.sh").string() + " " + n_);
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_TRUE(made.out == read_text(file_))
      << "run: docker/compose.sh " << n_ << " >docker/compose-" << n_ << ".yml";
}

TEST_P(ComposeFiles, AreAcceptedByComposeOneAndTwo) {
  bool looked = false;
  const std::pair<const char*, const char*> programs[] = {
      {"docker-compose", "command -v docker-compose"},
      {"docker compose", "docker compose version"}};
  for (const auto& [compose, here] : programs) {
    if (!runs(here)) continue;
    looked = true;
    const Finished config = shell(std::string(compose) + " -f " + file_.string() + " config");
    EXPECT_EQ(config.code, 0) << compose << '\n' << config.err;
    // Volumes have the same names as services.
    const std::string all = "\n" + config.out;
    const auto services = all.find("\nservices:");
    ASSERT_NE(services, std::string::npos) << config.out;
    const std::string part = all.substr(services, all.find("\nvolumes:", services) - services);
    const std::regex replica(R"(\n  replica-\d+:)");
    EXPECT_EQ(std::distance(std::sregex_iterator(part.begin(), part.end(), replica), {}),
              GetParam())
        << part;
  }
  if (!looked) GTEST_SKIP() << "neither docker-compose nor docker compose is here";
}

INSTANTIATE_TEST_SUITE_P(Sizes, ComposeFiles, testing::Values(4, 7));

TEST_F(Files, ScriptRefusesWhatIsNoNumberOfReplicas) {
  for (const char* wrong : {"", "0", "100", "four", "4 7"}) {
    const Finished ended = shell((kDocker / "compose.sh").string() + " " + wrong);
    EXPECT_EQ(ended.code, 2) << wrong;
    EXPECT_EQ(ended.out, "") << wrong;
  }
}

/// What a container mounts is there: Docker would make a folder of a name that is mistyped.
TEST_F(Files, ComposeMountsWhatExists) {
  const std::string text = read_text(kDocker / "compose-4.yml");
  const std::regex mount(R"(- \./([^:]+):)");
  int count = 0;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), mount);
       at != std::sregex_iterator(); ++at, ++count) {
    EXPECT_TRUE(fs::is_regular_file(kDocker / (*at)[1].str())) << (*at)[1];
  }
  EXPECT_EQ(count, 5);
}

TEST_F(Files, AlertsPassTheirTests) {
  if (!runs("promtool --version")) GTEST_SKIP() << "promtool is not here; scripts/deps.sh --ci";
  expect_success("promtool check rules " + (kMonitoring / "alerts.yml").string());
  expect_success("promtool test rules " + (kMonitoring / "alerts_test.yml").string());
  expect_success("promtool check config --syntax-only " +
                 (kMonitoring / "prometheus.yml").string());
}

TEST_F(Files, EveryAlertIsTestedSilentAndFiring) {
  std::set<std::string> alerts;
  const std::string rules = read_text(kMonitoring / "alerts.yml");
  const std::regex alert(R"(- alert: (\w+))");
  for (auto at = std::sregex_iterator(rules.begin(), rules.end(), alert);
       at != std::sregex_iterator(); ++at) {
    EXPECT_TRUE(alerts.insert((*at)[1]).second) << (*at)[1] << " is there twice";
  }
  EXPECT_GE(alerts.size(), 10u);

  std::set<std::string> silent;
  std::set<std::string> firing;
  const std::string tests = read_text(kMonitoring / "alerts_test.yml");
  const std::regex expectation(R"(alertname: (\w+)(, |\n +)exp_alerts:( \[\])?)");
  for (auto at = std::sregex_iterator(tests.begin(), tests.end(), expectation);
       at != std::sregex_iterator(); ++at) {
    ((*at)[3].matched ? silent : firing).insert((*at)[1]);
  }
  EXPECT_EQ(silent, alerts);
  EXPECT_EQ(firing, alerts);
}

TEST_F(Files, DashboardIsSoundAndUsesTheProvisionedSource) {
  const auto dashboard = nlohmann::json::parse(read_text(kMonitoring / "dashboard.json"));
  const std::string source = dashboard.at("panels").at(0).at("datasource").at("uid");
  EXPECT_NE(read_text(kMonitoring / "datasource.yml").find("uid: " + source + "\n"),
            std::string::npos);
  std::set<int> ids;
  for (const auto& panel : dashboard.at("panels")) {
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second) << panel.at("title");
    EXPECT_EQ(panel.at("datasource").at("uid"), source) << panel.at("title");
    EXPECT_FALSE(panel.at("targets").empty()) << panel.at("title");
    const auto& place = panel.at("gridPos");
    EXPECT_LE(place.at("x").get<int>() + place.at("w").get<int>(), 24) << panel.at("title");
  }
}

}  // namespace
}  // namespace waggle::docker
