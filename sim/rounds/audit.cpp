#include "sim/rounds/audit.hpp"

#include <map>

#include "consensus/core/encoding.hpp"

namespace waggle::sim::rounds {

void Audit::on_acknowledged(std::uint64_t round, std::uint32_t client, std::uint64_t number,
                            std::uint32_t server) {
  if (!holders_.acknowledge(client, number, *servers_.chains(server))) {
    certificates_.on_refused(
        round, "number " + std::to_string(number) + " by server " + std::to_string(server));
    return;
  }
  told_.insert(client);
  memory_.on_client(round, client, holders_.acknowledged(client).size(), holders_.nodes(client),
                    servers_.chains(server)->count());
}

void Audit::after_round(std::uint64_t round, std::uint64_t submitted,
                        const ExecutionChecker& executions) {
  std::map<Digest, std::uint32_t> different;  // chains, and a server that has them
  for (std::uint32_t i = 0; i < seen_.size(); ++i) {
    look_at(round, i);
    different.try_emplace(seen_[i].encoding, i);
    Footprint footprint = servers_.footprint(i);
    footprint.chain_bytes = seen_[i].bytes;
    memory_.on_server(round, i, footprint, submitted, executions.taken(footprint.length));
  }
  std::set<Digest> now;
  for (const auto& [encoding, server] : different) {
    now.insert(encoding);
    if (shown_.contains(encoding)) {
      for (const std::uint32_t client : told_) show(round, client, server);
    } else {
      for (std::uint32_t client = 0; client < holders_.size(); ++client) {
        show(round, client, server);
      }
    }
  }
  shown_ = std::move(now);
  told_.clear();
}

void Audit::look_at(std::uint64_t round, std::uint32_t server) {
  const certificate::ServerChains& chains = *servers_.chains(server);
  Seen& seen = seen_[server];
  if (seen.bytes > 0 && chains.count() == seen.length) return;
  Writer writer;
  chains.encode(writer);
  seen = {chains.count(), hasher_.hash({writer.bytes()}), writer.bytes().size()};
  certificates_.on_chains(round, server, chains);
}

/// Every certificate of the client to a server that has committed the command.
void Audit::show(std::uint64_t round, std::uint32_t client, std::uint32_t server) {
  const certificate::ServerChains& chains = *servers_.chains(server);
  for (const std::uint64_t number : holders_.acknowledged(client)) {
    const auto held = holders_.certificate(client, number, chains.count());
    if (held.position < chains.count()) {
      certificates_.on_certificate(round, server, chains, held);
    }
  }
}

}  // namespace waggle::sim::rounds
