#include "smr/certificate/server_chains.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include "consensus/core/domain.hpp"
#include "consensus/core/request.hpp"

namespace waggle::certificate {
namespace {

constexpr std::size_t kWindowSize = ClientId::kSize + 6 * sizeof(std::uint64_t);

/// Judges by a node that this server holds.
Result<void, Doubt> compare(const std::optional<Digest>& held, const Digest& computed) {
  if (held == computed) return {};
  return Unexpected{Doubt::kNotCommitted};
}

}  // namespace

bool ServerChains::append(const ClientId& client, std::uint64_t number,
                          const std::optional<Digest>& leaf, const Hasher& hasher) {
  const bool next = number == this->number(client) + 1;
  const bool executes = next && leaf.has_value();
  const Placed command{number, count()};
  forest_.append(executes ? *leaf : hasher.hash({domain::kNullLeaf}), executes, hasher);
  if (!next) return false;
  if (!windows_.contains(client) && windows_.size() >= clients_max_) forget_one();
  const Window* known = windows_.find(client);
  Window window = known != nullptr ? *known : Window{};
  if (known != nullptr) by_age_.erase(window.position);
  window.number = number;
  window.position = command.position;
  by_age_.set(command.position, client);
  if (executes) remember(window, command);
  windows_.set(client, window);
  return executes;
}

void ServerChains::remember(Window& window, const Placed& command) {
  if (!guards_.keeps_last_two && window.previous.number > 0) {  // planted
    forest_.release(window.newest.position);
  } else {
    if (window.previous.number > 0) forest_.release(window.previous.position);
    window.previous = window.newest;
  }
  window.newest = command;
}

void ServerChains::forget_one() {
  const auto [position, client] = by_age_.front();
  const Window window = *windows_.find(client);
  forgotten_ = std::max(forgotten_, window.number);
  for (const Placed& command : window.commands()) {
    if (command.number > 0) forest_.release(command.position);
  }
  windows_.erase(client);
  by_age_.erase(position);
}

std::uint64_t ServerChains::number(const ClientId& client) const {
  const Window* window = windows_.find(client);
  return window == nullptr ? forgotten_ : window->number;
}

std::optional<HashChain> ServerChains::chain(const ClientId& client, std::uint64_t number) const {
  const Window* window = windows_.find(client);
  if (window == nullptr || number == 0) return std::nullopt;
  for (const Placed& command : window->commands()) {
    if (command.number == number) return HashChain{command, forest_.chain(command.position)};
  }
  return std::nullopt;
}

std::optional<Acknowledgement> ServerChains::acknowledgement(const ClientId& client) const {
  const Window* window = windows_.find(client);
  if (window == nullptr || window->newest.number == 0) return std::nullopt;
  return Acknowledgement{window->newest, chain(client, window->previous.number)};
}

Result<void, Doubt> ServerChains::verify(const Certificate& certificate, const ClientId& session,
                                         const Hasher& hasher) const {
  if (certificate.position >= count()) return Unexpected{Doubt::kAhead};
  const unsigned height = tree_of(count(), certificate.position).height;
  if (certificate.links.size() > height) return Unexpected{Doubt::kSurplusLinks};
  const Digest leaf =
      command_leaf(certificate.client, certificate.number, certificate.command, hasher);
  if (certificate.links.size() < height) return by_window(certificate, session, leaf, hasher);
  const auto verdict = compare(forest_.node(height, certificate.position >> height),
                               fold(leaf, certificate.position, certificate.links, hasher));
  if (verdict || guards_.root_alone_decides) return verdict;
  return by_common_ancestor(certificate, session, leaf, hasher);  // planted
}

Result<void, Doubt> ServerChains::by_window(const Certificate& certificate, const ClientId& session,
                                            const Digest& leaf, const Hasher& hasher) const {
  const Window* window = windows_.find(session);
  if (window == nullptr) return Unexpected{Doubt::kTooShort};
  const auto level = static_cast<unsigned>(certificate.links.size());
  for (const Placed& command : window->commands()) {
    // The node that the chain ends in is an ancestor of the stored command, or the sibling of one.
    const bool meets = ((certificate.position ^ command.position) >> level) <= 1;
    if (command.number == 0 || !meets) continue;
    const unsigned at = level + (guards_.folds_to_level ? 0 : 1);
    return compare(forest_.node(at, certificate.position >> at),
                   fold(leaf, certificate.position, certificate.links, hasher));
  }
  return Unexpected{Doubt::kTooShort};
}

/// Only planted: judges by the links below the lowest common ancestor and ignores the others.
Result<void, Doubt> ServerChains::by_common_ancestor(const Certificate& certificate,
                                                     const ClientId& session, const Digest& leaf,
                                                     const Hasher& hasher) const {
  const Window* window = windows_.find(session);
  if (window == nullptr) return Unexpected{Doubt::kNotCommitted};
  const std::uint64_t apart = certificate.position ^ window->newest.position;
  const auto below = apart == 0 ? 0U : static_cast<unsigned>(std::bit_width(apart) - 1);
  if (below > certificate.links.size()) return Unexpected{Doubt::kNotCommitted};
  const std::span<const Digest> used(certificate.links.data(), below);
  return compare(forest_.node(below, certificate.position >> below),
                 fold(leaf, certificate.position, used, hasher));
}

Result<void, Doubt> ServerChains::verify(ByteView encoded, const Hasher& hasher) const {
  const auto certificate = decode_certificate(encoded);
  if (!certificate) return Unexpected{Doubt::kMalformed};
  return verify(*certificate, hasher);
}

/// From where the chain meets that of a stored command, its siblings are kept for the latter.
Certificate ServerChains::complete(Certificate certificate) const {
  const unsigned height = tree_of(count(), certificate.position).height;
  for (auto level = static_cast<unsigned>(certificate.links.size()); level < height; ++level) {
    const auto sibling = forest_.node(level, (certificate.position >> level) ^ 1);
    ENSURE(sibling, "a certificate that was accepted");
    certificate.links.push_back(*sibling);
  }
  return certificate;
}

void ServerChains::encode(Writer& writer) const {
  forest_.encode(writer);
  writer.u32(clients_max_).u64(forgotten_);
  writer.u32(static_cast<std::uint32_t>(windows_.size()));
  windows_.for_each([&writer](const ClientId& client, const Window& window) {
    writer.fixed(client).u64(window.number).u64(window.position);
    certificate::encode(writer, window.previous);
    certificate::encode(writer, window.newest);
  });
}

/// Whether append() can have left this window.
bool ServerChains::fits(const Window& window) const {
  const auto kept = [this](const Placed& command) {
    return command.number > 0 ? forest_.keeps(command.position) : command.position == 0;
  };
  const bool rises =
      window.previous.number == 0 || (window.previous.number < window.newest.number &&
                                      window.previous.position < window.newest.position);
  const bool counts = window.number > 0 && window.newest.number <= window.number &&
                      window.newest.position <= window.position && window.position < count();
  return rises && counts && kept(window.previous) && kept(window.newest);
}

ServerChains ServerChains::decode(Reader& reader, const Hasher& hasher) {
  ServerChains chains;
  chains.forest_ = PrunedForest::decode(reader, hasher);
  chains.clients_max_ = reader.u32();
  chains.forgotten_ = reader.u64();
  std::set<std::uint64_t> positions;
  for (std::size_t left = reader.count(kWindowSize); left > 0 && reader.ok(); --left) {
    const auto client = reader.fixed<ClientId>();
    Window window;
    window.number = reader.u64();
    window.position = reader.u64();
    window.previous = decode_placed(reader);
    window.newest = decode_placed(reader);
    const bool in_order = chains.windows_.empty() || chains.windows_.back().key < client;
    if (!in_order || !chains.fits(window)) reader.fail();
    for (const Placed& command : window.commands()) {
      if (command.number > 0 && !positions.insert(command.position).second) reader.fail();
    }
    if (chains.by_age_.contains(window.position)) reader.fail();
    chains.by_age_.set(window.position, client);
    chains.windows_.set(client, window);
  }
  const bool too_many = chains.windows_.size() > chains.clients_max_;
  if (positions.size() != chains.forest_.kept() || too_many) reader.fail();
  return chains;
}

}  // namespace waggle::certificate
