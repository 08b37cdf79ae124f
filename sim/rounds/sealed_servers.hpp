#pragma once

#include <map>
#include <vector>

#include "sim/rounds/log_servers.hpp"
#include "sim/rounds/sequence_tree.hpp"
#include "smr/median/sealed_log.hpp"
#include "smr/median/sealer.hpp"

namespace waggle::sim::rounds {

/// Servers that seal (section 8). Replies bring log and spread of the round's start. What a server
/// executed is noted as a sequence; where it took over another's final prefix, that one's.
class SealedServers final : public LogServers {
 public:
  SealedServers(const median::Parameters& parameters, const median::CommandTable& table,
                const median::SealingGuards& guards, const certificate::ChainGuards& chain_guards,
                const Hasher& hasher);

  bool holds(std::uint32_t) const override { return true; }
  bool answers(std::uint32_t) const override { return true; }
  median::Answer on_command(std::uint32_t server, median::Handle command) const override;
  void step(std::uint32_t server, median::Round now, std::span<const std::uint32_t> repliers,
            median::LogView appended, Rng& rng) override;
  void sleep(std::uint32_t server, median::Round now, Rng& rng) override;
  void end_round(median::Round now) override;
  void restart(std::uint32_t server) override;
  void lose(std::uint32_t server, median::Round now) override;

  std::uint32_t sequence(std::uint32_t server) const override {
    return servers_[server].sealed.sequence;
  }
  std::uint64_t checkpoint(std::uint32_t server) const override {
    return servers_[server].sealer.final().window();
  }
  median::LogView log(std::uint32_t server) const override { return servers_[server].log.log(); }
  const Lineage& lineage() const override { return sequences_; }
  const median::Findings& findings() const override { return findings_; }
  void watch(SealChecker& checker) override { watcher_ = &checker; }
  const Lineage* proposals() const override { return &proposals_; }
  const certificate::ServerChains* chains(std::uint32_t server) const override {
    return &servers_[server].sealer.final().chains;
  }
  Footprint footprint(std::uint32_t server) const override;
  std::uint64_t conflicts() const override { return conflicts_; }

 private:
  /// A final prefix: what was executed, and its entries alone.
  struct Sealed {
    std::uint32_t sequence = 0;
    std::uint32_t proposal = 0;
  };
  /// What a server was told before, and knows to make no difference: replies of others repeat
  /// most of it, and looking at that again is what takes most time.
  class Told {
   public:
    void reset(std::uint32_t n, bool one_pre_per_window);
    /// What is certified may mean something new.
    void record_changed() { certificates_.clear(); }
    median::Spread news(const median::Spread& spread);

   private:
    struct Longest {
      median::Window window = UINT64_MAX;
      std::uint64_t length = 0;
    };
    std::size_t place(median::Window window, ReplicaId server) const;

    std::uint32_t n_ = 0;
    bool one_pre_per_window_ = true;
    std::vector<median::Window> pres_;  ///< By window, of the newest few, and server.
    std::vector<Longest> commits_;      ///< The same.
    std::vector<median::PreCertificatePtr> certificates_;
  };
  struct Server {
    median::Sealer sealer;
    median::SealedLog log;
    median::SealingRecord durable;
    Sealed sealed;
    median::Window last_pre_at_start = 0;  ///< 8.7: what it tells those that lost their memory.
    bool asleep = false;
    median::Log log_at_start;  ///< What it answers with in this round.
    median::Spread spread_at_start;
    Told told;
  };

  median::Sealer::Setup setup_of(std::uint32_t server) const;
  median::SealingRecord no_record() const;
  void begin(Server& self, median::Sealer sealer);
  void remember(Server& self);
  bool may_sign(const Server& self, median::Window window) const;
  void perform(std::uint32_t server, median::SealingEffects effects);
  void witness(std::uint32_t server, const median::SealingMessage& message);

  median::Parameters parameters_;
  const median::CommandTable& table_;
  median::SealingGuards guards_;
  certificate::ChainGuards chain_guards_;
  const Hasher& hasher_;
  SequenceTree sequences_;
  SequenceTree proposals_;  ///< What PREs propose and what is final, by entries alone.
  SealChecker* watcher_ = nullptr;
  median::Findings findings_;
  std::uint64_t conflicts_ = 0;
  median::Merger merger_;
  std::vector<Server> servers_;
  std::map<Digest, Sealed> sealed_;  ///< By the final prefix's chain digest.
  std::vector<median::LogView> logs_;
};

}  // namespace waggle::sim::rounds
