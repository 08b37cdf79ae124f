#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "consensus/core/result.hpp"
#include "smr/certificate/certificate.hpp"

namespace waggle::client {

/// Remembers what a client needs for the certificates of its commands (docs/proofs.md), across
/// restarts. A session has one command under way: its lane's newest.
class ChainStore {
 public:
  struct Issued {
    std::uint64_t number = 0;  ///< With its lane (smr/median/named.hpp).
    Bytes command;
  };

  virtual ~ChainStore() = default;
  /// The lane's newest command, if no acknowledgement of it is stored: servers give one until they
  /// execute the next, without which certificates of earlier commands stay as short as they are.
  virtual std::optional<Issued> unacknowledged(std::uint16_t lane) const = 0;
  /// To be called before the command is sent; durable after the next sync().
  virtual void issue(std::uint64_t number, ByteView command) = 0;
  /// Takes what came with the reply to the lane's newest command, with whole numbers; of any other
  /// command, or the second one, changes nothing. Durable after the next sync().
  virtual void acknowledge(const certificate::Acknowledgement& acknowledgement) = 0;
  /// To be called before anything is sent. Fails with the reason, and then nothing may be sent.
  virtual Result<void, std::string> sync() = 0;
};

}  // namespace waggle::client
