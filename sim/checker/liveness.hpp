#pragma once

#include <map>
#include <set>

#include "sim/checker/property.hpp"

namespace waggle::sim {

/// Once the network behaves, every command of an honest client is acknowledged within `bound`
/// after it was submitted, or after the healing when that came later.
class Liveness final : public Property {
 public:
  static constexpr std::string_view kName = "liveness";

  Liveness(Stage& stage, Duration bound) : Property(stage, kName), bound_(bound) {}

  void on_submitted(const ClientId& client, std::uint64_t number,
                    const app::KvCommand& command) override;
  void on_acknowledged(const ClientId& client, std::uint64_t number, const smr::Committed& where,
                       const app::KvResult& result) override;
  void on_healed() override { healed_at_ = now(); }
  void on_time() override;

 private:
  bool is_late(Duration submitted) const;
  void fail_late(const ClientId& client, std::uint64_t number, Duration submitted,
                 const std::string& what);

  const Duration bound_;
  std::optional<Duration> healed_at_;
  std::map<std::pair<ClientId, std::uint64_t>, Duration> open_;
  std::set<std::tuple<Duration, ClientId, std::uint64_t>> by_time_;
};

}  // namespace waggle::sim
