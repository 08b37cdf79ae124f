#pragma once

#include <map>
#include <optional>
#include <utility>

#include "smr/certificate/certificate.hpp"
#include "smr/certificate/forest_path.hpp"

namespace waggle::certificate {

/// What a client holds of its committed commands (section 6): of each its position and, in nodes
/// that they share, the longest hash chain that acknowledgements have shown so far. A chain that
/// arrives lengthens the chains of all earlier commands that meet it at a lowest common ancestor,
/// because from there on they are the same nodes: nothing is scanned. At most two nodes for each
/// link that arrives, so O(log m) bytes per command. Not thread-safe.
class ClientChains {
 public:
  explicit ClientChains(ClientId client) : client_(client) {}

  /// Takes an acknowledgement of the command with this leaf (command_leaf()). Returns a record:
  /// it must be durable before the next command is issued, for without it the certificates of
  /// earlier commands may never become longer. A repeated acknowledgement is fine. One that
  /// contradicts what is held here, or speaks of commands that are not, is refused with
  /// kMalformed and changes nothing.
  Result<Bytes, Refusal> acknowledge(const Acknowledgement& acknowledgement, const Digest& leaf,
                                     const Hasher& hasher);
  /// Takes such a record again, in the order in which they came.
  Result<void, Refusal> restore(ByteView record, const Hasher& hasher);

  /// The certificate of an acknowledged command with its longest chain, or nothing if the number
  /// was not acknowledged. `count`: of what the server has committed; a server that lags refuses
  /// links that lead above its roots. The command's bytes are the caller's to keep.
  std::optional<Certificate> certificate(std::uint64_t number, Bytes command,
                                         std::uint64_t count = kEverything) const;

  static constexpr std::uint64_t kEverything = UINT64_MAX;
  std::size_t commands() const noexcept { return positions_.size(); }
  std::size_t nodes() const noexcept { return nodes_.size(); }

 private:
  using NodeName = std::pair<unsigned, std::uint64_t>;  ///< Level, index there.
  using Nodes = std::map<NodeName, Digest>;

  bool apply(const Acknowledgement& acknowledgement, const Digest& leaf, const Hasher& hasher);
  bool places(const Placed& command) const;
  bool learn(Nodes& fresh, const NodeName& name, const Digest& digest) const;

  ClientId client_;
  std::map<std::uint64_t, std::uint64_t> positions_;  ///< By number.
  Nodes nodes_;
};

}  // namespace waggle::certificate
