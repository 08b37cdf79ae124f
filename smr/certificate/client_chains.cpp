#include "smr/certificate/client_chains.hpp"

#include <algorithm>

#include "consensus/core/domain.hpp"

namespace waggle::certificate {

Result<Bytes, Refusal> ClientChains::acknowledge(const Acknowledgement& acknowledgement,
                                                 const Digest& leaf, const Hasher& hasher) {
  Writer writer;
  writer.raw(domain::kClientRecord).fixed(leaf);
  encode(writer, acknowledgement);
  // By the same way as a record that is read again, so that none is written that is refused then.
  const auto taken = restore(writer.bytes(), hasher);
  if (!taken) return Unexpected{taken.error()};
  return writer.take();
}

Result<void, Refusal> ClientChains::restore(ByteView record, const Hasher& hasher) {
  Reader reader(record);
  const ByteView tag = reader.raw(domain::kClientRecord.size());
  if (!std::equal(tag.begin(), tag.end(), domain::kClientRecord.begin(),
                  domain::kClientRecord.end())) {
    return Unexpected{Refusal::kUnsupportedVersion};
  }
  const auto leaf = reader.fixed<Digest>();
  const Acknowledgement acknowledgement = decode_acknowledgement(reader);
  if (!reader.done() || !apply(acknowledgement, leaf, hasher)) {
    return Unexpected{Refusal::kMalformed};
  }
  return {};
}

/// Whether the command may stand there, after all that is known.
bool ClientChains::places(const Placed& command) const {
  const auto held = positions_.find(command.number);
  if (held != positions_.end()) return held->second == command.position;
  return positions_.empty() || (positions_.rbegin()->first < command.number &&
                                positions_.rbegin()->second < command.position);
}

/// Adds what is not held yet; false if what is held differs.
bool ClientChains::learn(Nodes& fresh, const NodeName& name, const Digest& digest) const {
  const auto held = nodes_.find(name);
  if (held != nodes_.end()) return held->second == digest;
  fresh.emplace(name, digest);
  return true;
}

bool ClientChains::apply(const Acknowledgement& acknowledgement, const Digest& leaf,
                         const Hasher& hasher) {
  const Placed& newest = acknowledgement.newest;
  Nodes fresh;
  if (!places(newest) || !learn(fresh, {0, newest.position}, leaf)) return false;
  if (acknowledgement.previous) {
    const auto& [command, links] = *acknowledgement.previous;
    const auto held = nodes_.find({0, command.position});
    if (positions_.count(command.number) == 0 || !places(command) || held == nodes_.end()) {
      return false;
    }
    Digest node = held->second;
    unsigned level = 0;
    for (const Digest& link : links) {
      const std::uint64_t index = command.position >> level;
      if (!learn(fresh, {level, index ^ 1}, link)) return false;
      node = fold(node, index, {&link, 1}, hasher);
      if (!learn(fresh, {++level, index >> 1}, node)) return false;
    }
  }
  positions_.emplace(newest.number, newest.position);
  nodes_.merge(fresh);
  return true;
}

std::optional<Certificate> ClientChains::certificate(std::uint64_t number, Bytes command,
                                                     std::uint64_t count) const {
  const auto held = positions_.find(number);
  if (held == positions_.end()) return std::nullopt;
  const std::uint64_t position = held->second;
  Certificate result{client_, number, std::move(command), position, {}};
  const std::size_t links_max = position < count ? tree_of(count, position).height : kLinksMax;
  for (unsigned level = 0; level < links_max; ++level) {
    const auto sibling = nodes_.find({level, (position >> level) ^ 1});
    if (sibling == nodes_.end()) break;
    result.links.push_back(sibling->second);
  }
  return result;
}

}  // namespace waggle::certificate
