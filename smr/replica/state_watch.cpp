#include "smr/replica/state_watch.hpp"

namespace waggle::smr {

void StateWatch::on_own(Height height, const Digest& digest) {
  own_.insert_or_assign(height, digest);
  if (own_.size() > kKept) own_.erase(own_.begin());
  for (std::uint32_t id = 0; id < reported_.size(); ++id) compare(ReplicaId{id});
}

void StateWatch::on_report(ReplicaId from, Height height, const Digest& digest) {
  reported_.at(from.value) = Report{height, digest};
  compare(from);
}

void StateWatch::compare(ReplicaId peer) {
  std::optional<Report>& report = reported_.at(peer.value);
  if (!report) return;
  const auto own = own_.find(report->height);
  if (own == own_.end()) return;
  if (own->second != report->digest) differing_.insert(peer);
  report.reset();
}

}  // namespace waggle::smr
