#include "sim/checker/bounds.hpp"

#include <algorithm>

namespace waggle::sim {

void Bounds::on_usage(ReplicaId replica, const Usage& usage) {
  const auto check = [&](std::string_view what, std::size_t used, std::size_t max,
                         std::size_t& highest) {
    highest = std::max(highest, used);
    if (used <= max) return;
    fail(told(replica) + " holds " + std::to_string(used) + " " + std::string(what) + " " +
         told(now()) + "; the most is " + std::to_string(max));
  };
  check("blocks", usage.blocks, max_.blocks, highest_.blocks);
  check("entries of its log", usage.log_entries, max_.log_entries, highest_.log_entries);
  check("requests", usage.mempool_requests, max_.mempool_requests, highest_.mempool_requests);
  check("bytes of requests", usage.mempool_bytes, max_.mempool_bytes, highest_.mempool_bytes);
  check("unwritten batches", usage.unwritten, max_.unwritten, highest_.unwritten);
  check("unexecuted blocks", usage.unexecuted, max_.unexecuted, highest_.unexecuted);
}

}  // namespace waggle::sim
