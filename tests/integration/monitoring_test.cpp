// What alerts and dashboard ask for is what a running replica tells.
#include <iterator>
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/cluster.hpp"
#include "tests/integration/sockets.hpp"

namespace waggle::integration {
namespace {

const std::filesystem::path kMonitoring =
    std::filesystem::path(WAGGLE_SOURCE_DIR) / "docker/monitoring";

/// Prometheus gives these to every series that it scrapes.
const std::set<std::string> kOfTheScrape = {"job", "instance", "replica"};

/// All parts of a text that a group of the pattern matches.
std::vector<std::string> all(const std::string& text, const std::string& pattern,
                             std::size_t group = 0) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), regex);
       at != std::sregex_iterator(); ++at) {
    found.push_back((*at)[group]);
  }
  return found;
}

/// Every expression of the alerts and of the dashboard.
std::vector<std::string> expressions() {
  // One line after "expr:", or the lines below that are indented deeper.
  std::vector<std::string> found =
      all(read_text(kMonitoring / "alerts.yml"), R"(expr: (\|\n( {10}.*\n)+|.+\n))", 1);
  EXPECT_GE(found.size(), 10u);
  const auto dashboard = nlohmann::json::parse(read_text(kMonitoring / "dashboard.json"));
  for (const auto& panel : dashboard.at("panels")) {
    for (const auto& target : panel.at("targets")) found.push_back(target.at("expr"));
  }
  return found;
}

/// The labels of a metric in Prometheus' text format, or nothing if there is no such metric.
std::optional<std::set<std::string>> labels_of(const std::string& metrics,
                                               const std::string& name) {
  const std::vector<std::string> samples = all(metrics, "\n" + name + R"((\{[^}]*\})? )", 1);
  if (samples.empty()) return std::nullopt;
  std::set<std::string> labels = kOfTheScrape;
  for (const std::string& sample : samples) {
    for (const std::string& label : all(sample, R"((\w+)=")", 1)) labels.insert(label);
  }
  return labels;
}

/// What an expression names that the replica does not tell; empty if there is nothing.
std::vector<std::string> missing_from(const std::string& metrics, const std::string& expression) {
  std::vector<std::string> missing;
  std::set<std::string> known = kOfTheScrape;
  for (const std::string& name : all(expression, R"(\bwaggle_\w+)")) {
    const auto labels = labels_of(metrics, name);
    if (!labels) {
      missing.push_back(name);
      continue;
    }
    known.insert(labels->begin(), labels->end());
    for (const std::string& selector : all(expression, "\\b" + name + R"((\{[^}]*\}))", 1)) {
      for (const std::string& label : all(selector, R"((\w+)\s*[=!])", 1)) {
        if (!labels->contains(label)) missing.push_back(name + "{" + label + "}");
      }
    }
  }
  for (const std::string& list : all(expression, R"(\b(by|on|group_left) \(([\w, ]*)\))", 2)) {
    for (const std::string& label : all(list, R"(\w+)")) {
      if (!known.contains(label)) missing.push_back("label " + label);
    }
  }
  return missing;
}

/// What replica 0 tells once the cluster has committed something.
std::string metrics_of(Cluster& cluster) {
  cluster.start_all();
  EXPECT_TRUE(cluster.await_active(seconds(20)));
  must_commit(*cluster.open_client(), put("k", "v"));
  return http_get(cluster.ports().metrics(0), "/metrics");
}

TEST(Monitoring, NamesWhatReplicasTell) {
  // Some metrics are of one protocol only; what both tell has equal labels.
  Cluster blocks;
  Cluster rounds(Cluster::median(4));
  const std::string metrics = metrics_of(blocks) + metrics_of(rounds);
  ASSERT_NE(metrics.find("waggle_view "), std::string::npos);
  ASSERT_NE(metrics.find("waggle_round "), std::string::npos);

  for (const std::string& expression : expressions()) {
    EXPECT_EQ(missing_from(metrics, expression), std::vector<std::string>{}) << expression;
  }

  // The check itself sees what is not there.
  const auto missing = [&](const std::string& expression) {
    return missing_from(metrics, expression);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(missing("rate(waggle_vieww[1m]) > waggle_view"), Names{"waggle_vieww"});
  EXPECT_EQ(missing("waggle_refused_total{source=\"peers\", cause=\"x\"}"),
            Names{"waggle_refused_total{cause}"});
  EXPECT_EQ(missing("sum by (source, cause) (waggle_refused_total)"), Names{"label cause"});
  EXPECT_EQ(missing("sum by (le) (waggle_commit_latency_seconds_sum)"), Names{"label le"});
}

}  // namespace
}  // namespace waggle::integration
