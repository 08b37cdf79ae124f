#pragma once

#include <memory>
#include <vector>

#include "sim/crypto/suite.hpp"
#include "smr/median/messages.hpp"

namespace waggle::testing {

/// A chain of four servers of the median rule, and one message of each kind that they could say,
/// every field of it different from the others. The same in every process.
class MedianSamples {
  const std::unique_ptr<sim::CryptoSuite> crypto_;  // before all that is made of it

 public:
  static constexpr std::uint32_t kServers = 4;

  explicit MedianSamples(sim::Signatures signatures = sim::Signatures::kSymbolic);

  const Hasher& hasher() const { return crypto_->hasher(); }
  const Verifier& verifier() const { return crypto_->verifier(); }
  const Signer& signer(std::uint32_t server) const { return *signers_.at(server); }
  const Signer& client(std::uint32_t index) const { return *clients_.at(index); }

  /// A client's signed request for one command.
  SharedBytes request(std::uint32_t client, std::uint64_t number) const;
  median::Content content(std::uint32_t client, std::uint64_t number) const;
  median::Named name(std::uint32_t client, std::uint64_t number) const;
  static median::Named null_name(const median::Named& named) {
    return {named.client, named.number, std::nullopt};
  }

  /// Signed by that server.
  median::SignedPre pre(std::uint32_t server, median::Window window,
                        std::vector<median::Named> entries) const;
  median::Commit commit(std::uint32_t server, median::Window window, std::uint64_t length) const;

  /// One of each kind, in the order of the variant; PRE and COMMIT are those of server 2.
  std::vector<median::Message> messages() const;

  Result<median::Message, Refusal> decode(ByteView bytes) const {
    return median::decode_message(bytes, chain.limits, hasher());
  }
  /// Nothing: accepted.
  std::optional<Refusal> refusal_of(const median::Message& message, std::uint32_t from) const;

  ChainConfig chain;  ///< Without leaders.

 private:
  std::vector<std::unique_ptr<const Signer>> signers_;
  std::vector<std::unique_ptr<const Signer>> clients_;
};

}  // namespace waggle::testing
