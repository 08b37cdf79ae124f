#pragma once

#include "sim/rounds/checker/complaint.hpp"

namespace waggle::sim::rounds {

/// What a server that seals keeps, besides its constant parts.
struct Footprint {
  std::uint64_t length = 0;        ///< Of its final prefix.
  std::uint64_t log = 0;           ///< Entries.
  std::uint64_t lock = 0;          ///< Entries.
  std::uint64_t certificates = 0;  ///< Of PREs.
  std::uint64_t pres = 0;          ///< In what it spreads.
  std::uint64_t chain_bytes = 0;   ///< Of its chains, encoded.
  std::uint64_t clients = 0;       ///< In its chains.
};

/// Judges that memory does not grow with the number of committed commands, but for its logarithm:
/// a server's log holds numbers that are not final there, each once; its chains a constant number
/// of paths for each client; its certificates one for each entry of the lock and few more. A
/// client's chains hold two nodes for each level and command.
class MemoryChecker final : public Checker {
 public:
  explicit MemoryChecker(std::uint32_t n) : Checker("memory"), n_(n) {}

  /// `submitted`: numbers of clients so far; `taken`: those that the server's final prefix took.
  void on_server(std::uint64_t round, std::uint32_t server, const Footprint& footprint,
                 std::uint64_t submitted, std::uint64_t taken);
  /// A client with so many acknowledged commands in a sequence of this length.
  void on_client(std::uint64_t round, std::uint32_t client, std::uint64_t commands,
                 std::uint64_t nodes, std::uint64_t length);

 private:
  std::uint32_t n_;
};

}  // namespace waggle::sim::rounds
