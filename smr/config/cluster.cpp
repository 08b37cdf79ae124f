#include "smr/config/cluster.hpp"

#include <optional>

#include <fmt/format.h>

#include "crypto/tls_binding.hpp"
#include "smr/config/section.hpp"

namespace waggle::config {
namespace {

void check_chain(const Section& root, const ChainConfig& chain) {
  const auto id = root.hex<Digest>("chain");
  if (id == chain.chain_id) return;
  root.fail("chain", fmt::format("is {}.., but the genesis file is chain {}..", short_hex(id),
                                 short_hex(chain.chain_id)));
}

ClusterMember read_member(const Section& section, const ChainConfig& chain,
                          const Verifier& verifier) {
  ClusterMember member;
  member.id.value = section.integer<std::uint32_t>("id", {0, std::int64_t{chain.n()} - 1});
  member.peer_address = section.address("peer_address");
  member.client_address = section.address("client_address");
  member.peer_origin = section.origin("peer_address");
  member.client_origin = section.origin("client_address");
  member.tls_key = section.hex<PublicKey>("tls_key");
  const auto binding = section.hex<Signature>("tls_binding");
  if (!crypto::verify_tls_binding(verifier, chain.key(member.id), chain.chain_id, member.id,
                                  member.tls_key, binding)) {
    section.fail("tls_binding",
                 fmt::format("replica {}: not a signature of its consensus key over its tls_key",
                             member.id.value));
  }
  return member;
}

}  // namespace

Loaded<Cluster> load_cluster(const std::string& file, const ChainConfig& chain,
                             const Verifier& verifier) {
  const auto text = read_file(file);
  if (!text) return Unexpected{text.error()};
  return parse_cluster(*text, file, chain, verifier);
}

Loaded<Cluster> parse_cluster(std::string_view text, const std::string& file,
                              const ChainConfig& chain, const Verifier& verifier) {
  const auto table = parse_toml(text, file);
  if (!table) return Unexpected{table.error()};
  Diagnosis diagnosis(file);
  const Section root(*table, "", {"chain", "replica"}, diagnosis);
  check_chain(root, chain);

  std::vector<std::optional<ClusterMember>> found(chain.n());
  for (const Section& section : root.sections(
           "replica", {"id", "peer_address", "client_address", "tls_key", "tls_binding"})) {
    ClusterMember member = read_member(section, chain, verifier);
    auto& slot = found.at(member.id.value);
    if (slot) section.fail("id", fmt::format("replica {} is listed twice", member.id.value));
    slot = std::move(member);
  }

  Cluster cluster;
  for (std::uint32_t i = 0; i < chain.n(); ++i) {
    if (!found[i]) root.fail("replica", fmt::format("replica {} is missing", i));
    cluster.members.push_back(found[i].value_or(ClusterMember{}));
  }
  return diagnosis.finish(std::move(cluster));
}

}  // namespace waggle::config
