#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <vector>

#include "net/connection.hpp"

namespace waggle::net {

/// How often connections are asked whether they are late: a quarter of the shortest limit, so that
/// a limit is kept to within a quarter; at least every second, never a busy loop.
inline Duration sweep_period(std::initializer_list<Duration> limits) {
  return std::clamp(std::min(limits) / 4, Duration(2'000), Duration(1'000'000));
}

/// The connections of a map of links, to walk over while they may end and change the map.
template <class Links>
std::vector<std::shared_ptr<Connection>> connections_of(const Links& links) {
  std::vector<std::shared_ptr<Connection>> connections;
  connections.reserve(links.size());
  for (const auto& [id, link] : links) connections.push_back(link.connection);
  return connections;
}

}  // namespace waggle::net
