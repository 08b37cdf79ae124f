#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "consensus/chained/messages.hpp"
#include "sim/crypto/suite.hpp"

namespace waggle::testing {

/// Leaders written down view by view, from view 1 on; round robin behind the last one.
class ScriptedSchedule final : public LeaderSchedule {
 public:
  ScriptedSchedule(std::uint32_t n, std::vector<std::uint32_t> leaders)
      : n_(n), leaders_(std::move(leaders)) {}
  ReplicaId leader(View view) const noexcept override;
  std::uint32_t longest_faulty_run(std::uint32_t) const noexcept override { return 1; }

 private:
  std::uint32_t n_;
  std::vector<std::uint32_t> leaders_;
};

/// A timeout as a script says it: replica, tip.
struct TimeoutOf {
  std::uint32_t replica;
  Tip tip;
};

/// A chain of n replicas, with symbolic keys unless asked otherwise, and makers of everything that
/// is signed on it: what honest replicas would make as well as what Byzantine ones could.
class Chain {
  const std::unique_ptr<sim::CryptoSuite> crypto_;  // before all that is made of it

 public:
  explicit Chain(std::uint32_t n = 4, std::vector<std::uint32_t> leaders = {},
                 sim::Signatures signatures = sim::Signatures::kSymbolic);
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// Takes another genesis with the same replicas. Before any block is made.
  void found(const ChainConfig& genesis_config);

  const Signer& signer(std::uint32_t replica) const { return *signers_.at(replica); }
  static constexpr std::uint32_t kClients = 3;
  const Signer& client(std::uint32_t index) const { return *clients_.at(index); }

  // Payload.
  Bytes request(const std::string& command) const;
  Bytes request(std::uint32_t client, std::uint64_t first,
                const std::vector<std::string>& commands) const;
  /// One request per command; empty for none.
  PayloadPtr payload(const std::vector<std::string>& commands,
                     const std::vector<Bytes>& requests = {}) const;

  // Certificates.
  Signature vote_signature(std::uint32_t replica, View view, const Digest& block) const;
  QcPtr qc(const Block& block, const std::vector<std::uint32_t>& signers) const;
  /// By the first q replicas.
  QcPtr qc(const Block& block) const;
  Timeout timeout(std::uint32_t replica, std::uint64_t view, const Tip& tip) const;
  TcPtr tc(std::uint64_t view, const std::vector<TimeoutOf>& timeouts) const;

  // Blocks, signed by the leader of their view. The history root is the real one as long as the
  // parent was made here too.
  struct BlockParts {
    std::uint64_t view;
    BlockPtr parent;
    QcPtr qc;  ///< Null: a QC of the first q replicas for the parent.
    TcPtr tc = nullptr;
    std::vector<std::string> commands = {};  ///< One request each ...
    std::vector<Bytes> requests = {};        ///< ... and these behind them.
  };
  BlockPtr block(const BlockParts& parts);
  /// The same block with another header, signed anew by its proposer.
  template <class Change>
  BlockPtr changed(const Block& block, Change change) const {
    auto made = std::make_shared<Block>(block);
    change(*made);
    return sealed(std::move(made));
  }
  /// Forest over the commands of a block's ancestors.
  const Forest& before(const Digest& block) const { return before_.at(block); }
  chained::ChainedBlock chained(const BlockPtr& block) const { return {block, before(block->id)}; }

  // Messages.
  chained::Message signed_by(std::uint32_t replica, chained::Message message) const {
    return chained::sign(std::move(message), signer(replica), config);
  }
  chained::Message vote(std::uint32_t replica, const Block& block) const;
  Result<Verified<chained::Message>, Refusal> validate(chained::Message message,
                                                       std::uint32_t from) const;

  const Hasher& hasher;
  const Verifier& ring;
  ChainConfig config;
  BlockPtr genesis;

 private:
  BlockPtr sealed(std::shared_ptr<Block> block) const;

  std::vector<std::unique_ptr<const Signer>> signers_;
  std::vector<std::unique_ptr<const Signer>> clients_;
  std::map<Digest, Forest> before_;
};

}  // namespace waggle::testing
