#include "smr/client/preference.hpp"

namespace waggle::client {
namespace {

using Order = std::vector<std::uint32_t>;

Order order_of(const Preference& preference) {
  Order order;
  for (const ReplicaId id : preference.order()) order.push_back(id.value);
  return order;
}

TEST(Preference, BeginsWhereItIsTold) {
  EXPECT_EQ(order_of(Preference(4, 2)), (Order{2, 3, 0, 1}));
  EXPECT_EQ(order_of(Preference(1, 0)), (Order{0}));
}

TEST(Preference, FollowsWhoAnswersFirst) {
  Preference preference(4, 2);
  preference.answered_first(ReplicaId{1});
  EXPECT_EQ(order_of(preference), (Order{1, 2, 3, 0}));
}

TEST(Preference, WhoLetItDownComesLast) {
  Preference preference(4, 3);
  preference.let_down(ReplicaId{3});
  EXPECT_EQ(order_of(preference), (Order{0, 1, 2, 3}));
  preference.answered_first(ReplicaId{3});
  EXPECT_EQ(order_of(preference), (Order{0, 1, 2, 3})) << "not first by answering fast";
  preference.let_down(ReplicaId{1});
  EXPECT_EQ(order_of(preference), (Order{0, 2, 3, 1}));
}

TEST(Preference, WhenAllHaveLetItDownOnlyTheLastToDoSoComesLast) {
  Preference preference(3, 0);
  for (const std::uint32_t id : {0, 1, 2}) preference.let_down(ReplicaId{id});
  EXPECT_EQ(order_of(preference), (Order{0, 1, 2}));
  preference.answered_first(ReplicaId{2});
  EXPECT_EQ(order_of(preference), (Order{0, 1, 2}));
  preference.answered_first(ReplicaId{1});
  EXPECT_EQ(order_of(preference), (Order{1, 0, 2}));
}

TEST(Preference, OneAloneIsAlwaysAsked) {
  Preference preference(1, 0);
  preference.let_down(ReplicaId{0});
  EXPECT_EQ(order_of(preference), (Order{0}));
}

}  // namespace
}  // namespace waggle::client
