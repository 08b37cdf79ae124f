#pragma once

#include <memory>
#include <string>

#include "smr/bin/waggled/node.hpp"

namespace waggle::daemon {

/// The Prometheus endpoint, http://ADDRESS/metrics, on threads of its own. Every scrape asks the
/// node; one that does not answer within a second yields waggle_up 0.
class MetricsEndpoint {
 public:
  /// Throws std::runtime_error when the address cannot be had.
  MetricsEndpoint(const std::string& address, Node& node);
  ~MetricsEndpoint();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace waggle::daemon
