// `waggle status` as scripts and health checks use it.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/cluster.hpp"

namespace waggle::integration {
namespace {

Finished status(const Cluster& cluster, const std::vector<std::string>& more) {
  std::vector<std::string> command = {WAGGLE_BIN_DIR "/waggle", "--cluster",
                                      cluster.folder().string(), "status"};
  command.insert(command.end(), more.begin(), more.end());
  return run(command, cluster.folder());
}

TEST(Status, OfOneReplicaNeedsNoQuorum) {
  Cluster cluster;
  cluster.start(2);
  ASSERT_TRUE(cluster.await(seconds(20), [&] { return cluster.status(2).has_value(); }));

  const Finished own = status(cluster, {"--replica", "2", "--json"});
  EXPECT_EQ(own.code, 0) << own.err;
  const auto json = nlohmann::json::parse(own.out);
  ASSERT_EQ(json.at("replicas").size(), 1u) << own.out;
  EXPECT_EQ(json.at("replicas")[0].at("replica"), 2);
  EXPECT_TRUE(json.at("replicas")[0].at("up"));

  EXPECT_EQ(status(cluster, {"--replica", "1"}).code, 1);
  EXPECT_EQ(status(cluster, {"--replica", "1", "--replica", "2"}).code, 1);
  EXPECT_EQ(status(cluster, {}).code, 1) << "one of four is no quorum";
  const Finished unknown = status(cluster, {"--replica", "4"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("replicas are 0 .. 3"), std::string::npos) << unknown.err;
}

}  // namespace
}  // namespace waggle::integration
