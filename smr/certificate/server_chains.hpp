#pragma once

#include <array>
#include <optional>

#include "smr/certificate/certificate.hpp"
#include "smr/certificate/persistent_map.hpp"
#include "smr/certificate/pruned_forest.hpp"

namespace waggle::certificate {

/// Parts of the rules that a test may break, to show that something then notices. Production code
/// never makes anything but ChainGuards{}.
struct ChainGuards {
  bool root_alone_decides = true;  ///< A chain that reaches the root is judged by nothing else.
  bool folds_to_level = true;      ///< The stored chain is folded up to the same level, not above.
  bool keeps_last_two = true;      ///< Of three commands the oldest is forgotten.
};

/// What a server keeps of the committed sequence (section 6): the roots of its forest, and of each
/// client the last two commands with position and hash chain. Nothing grows with the number of
/// commands except chains, like its logarithm. Equal sequences give equal values and encodings.
/// Copies share what they have in common: a copy costs next to nothing however many clients there
/// are. Not thread-safe.
class ServerChains {
 public:
  ServerChains() = default;
  explicit ServerChains(ChainGuards guards) : guards_(guards) {}
  /// Keeps at most so many clients, at least 1; the same on all servers. Of more the one that has
  /// not been heard of for longest is forgotten. A client that is not known begins above the
  /// highest number of a forgotten one, so that nothing of that executes again.
  explicit ServerChains(std::uint32_t clients_max) : clients_max_(clients_max) {}

  /// Appends an entry, 8.5: a command by its leaf (command_leaf()), a null entry by nothing. One
  /// that is not its client's next gets the null leaf and changes nothing else; a null entry
  /// that is next takes the number. Returns whether it is a command that executes.
  bool append(const ClientId& client, std::uint64_t number, const std::optional<Digest>& leaf,
              const Hasher& hasher);

  std::uint64_t count() const noexcept { return forest_.count(); }
  std::size_t clients() const noexcept { return windows_.size(); }
  bool knows(const ClientId& client) const { return windows_.contains(client); }
  /// The roots: what COMMIT and seals name by their digest, Forest::root().
  Forest roots() const { return forest_.roots(); }
  /// sn(c), 0 before the first; of a client that is not known the highest of a forgotten one.
  std::uint64_t number(const ClientId& client) const;
  /// The chain of one of the client's last two commands; nothing for any other.
  std::optional<HashChain> chain(const ClientId& client, std::uint64_t number) const;
  /// What an acknowledgement of the client's newest command carries; nothing before the first.
  std::optional<Acknowledgement> acknowledgement(const ClientId& client) const;

  /// Judges a certificate. A chain that reaches the root of the tree over its position is judged
  /// by that root alone. A shorter one must end on or beside the stored chain of one of the
  /// client's last two commands, that is, at least just below their lowest common ancestor, and
  /// is judged by the node there; so the newest command needs no link at all. Every link counts.
  Result<void, Doubt> verify(const Certificate& certificate, const Hasher& hasher) const {
    return verify(certificate, certificate.client, hasher);
  }
  Result<void, Doubt> verify(ByteView encoded, const Hasher& hasher) const;
  /// The same where what counts as a client here is not the key but one of its lanes: `session`,
  /// the client of append() whose command it is.
  Result<void, Doubt> verify(const Certificate& certificate, const ClientId& session,
                             const Hasher& hasher) const;

  /// A certificate that verify() has accepted, led on to the root of its tree by what is kept here.
  Certificate complete(Certificate certificate) const;

  /// Forest, clients at most u32, the highest number of a forgotten one u64, n x (client, sn,
  /// position of its last entry, previous and newest command); clients rise.
  void encode(Writer& writer) const;
  /// Fails the reader unless append() can have made this.
  static ServerChains decode(Reader& reader, const Hasher& hasher);

 private:
  struct Window {
    std::uint64_t number = 0;    ///< sn(c); above the newest command's if a null entry took it.
    std::uint64_t position = 0;  ///< Of the entry that took it.
    Placed previous, newest;

    std::array<Placed, 2> commands() const { return {newest, previous}; }
  };

  void remember(Window& window, const Placed& command);
  void forget_one();
  bool fits(const Window& window) const;
  Result<void, Doubt> by_window(const Certificate& certificate, const ClientId& session,
                                const Digest& leaf, const Hasher& hasher) const;
  Result<void, Doubt> by_common_ancestor(const Certificate& certificate, const ClientId& session,
                                         const Digest& leaf, const Hasher& hasher) const;

  ChainGuards guards_;
  std::uint32_t clients_max_ = UINT32_MAX;
  std::uint64_t forgotten_ = 0;  ///< The highest number of a client that is not known any more.
  PrunedForest forest_;
  PersistentMap<ClientId, Window> windows_;
  PersistentMap<std::uint64_t, ClientId> by_age_;  ///< By Window::position.
};

}  // namespace waggle::certificate
