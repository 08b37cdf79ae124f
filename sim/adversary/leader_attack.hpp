#pragma once

#include "sim/adversary/author.hpp"
#include "sim/adversary/memory.hpp"

namespace waggle::sim {

/// A liar that waits for its turn to lead: when the view before was given up, it builds a block of
/// its own from the timeouts that it heard. Its core's block of that view, and the vote, stay in.
class LeaderAttack : public Adversary {
 public:
  void tamper(Outgoing message, Out& out) final;
  void hear(ReplicaId from, const chained::Message& message, Out& out) final;

 protected:
  explicit LeaderAttack(const AdversarySetup& setup)
      : setup_(setup), rng_(setup.rng), author_(setup_), memory_(setup_) {}

  /// Leads `view`. `others` are at least q - 1 timeouts of the view before; with one of its own
  /// they make a TC. False: it waits for more of them, or leaves the view to its core.
  virtual bool lead(View view, std::vector<Timeout> others, Out& out) = 0;
  /// What else it does with a message of its core; what stays in does not get here.
  virtual void disguise(Outgoing message, Out& out) { out.push_back(std::move(message)); }
  /// What else it does when it heard something.
  virtual void listen(ReplicaId from, const chained::Message& message, Out& out) {
    static_cast<void>(from), static_cast<void>(message), static_cast<void>(out);
  }

  struct Plan {
    View view;
    BlockPtr parent;
    QcPtr qc;
    std::vector<Timeout> timeouts;  ///< For the TC; none: no TC.
    PayloadPtr payload;             ///< Null: none.
  };
  /// Signs the block. Null while the parent's ancestors are not known; `out` then asks for them.
  BlockPtr build(Plan plan, Out& out);
  /// Sends the block to these, and its vote for it to the collector.
  void show(const BlockPtr& block, const std::vector<ReplicaId>& to, Out& out) const;
  void vote_for(const Block& block, Out& out) const;
  /// The block of the highest rank among the timeouts' tips, if it is known and of that rank.
  BlockPtr highest_tip(const std::vector<Timeout>& timeouts) const;

  const AdversarySetup setup_;
  Random rng_;
  const Author author_;
  Memory memory_;

 private:
  View led_;  ///< The highest view that it led.
};

}  // namespace waggle::sim
