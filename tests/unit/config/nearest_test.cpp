#include "smr/config/nearest.hpp"

#include <string>
#include <vector>

#include <rapidcheck.h>

namespace waggle::config {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("name", "name"), 0u);
  EXPECT_EQ(edit_distance("name", "names"), 1u);
  EXPECT_EQ(edit_distance("name", "nam"), 1u);
  EXPECT_EQ(edit_distance("name", "fame"), 1u);
  EXPECT_EQ(edit_distance("name", "nmae"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(EditDistance, IsSymmetricAndBoundedByTheLongerWord) {
  EXPECT_TRUE(rc::check([](const std::string& a, const std::string& b) {
    RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
    RC_ASSERT(edit_distance(a, b) <= std::max(a.size(), b.size()));
    RC_ASSERT((edit_distance(a, b) == 0) == (a == b));
  }));
}

TEST(Nearest, NamesTheClosestKeyOrNoneAtAll) {
  const std::vector<std::string_view> keys = {"digest", "name", "protocol"};
  EXPECT_EQ(nearest("digst", keys), "digest");
  EXPECT_EQ(nearest("protcool", keys), "protocol");
  EXPECT_EQ(nearest("colour", keys), "");
}

}  // namespace
}  // namespace waggle::config
