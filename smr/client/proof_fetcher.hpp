#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "consensus/core/interfaces.hpp"
#include "smr/certificate/proof.hpp"
#include "smr/client/engine.hpp"

namespace waggle::client {

/// A proof that was verified here, and what it proves.
struct FetchedProof {
  SharedBytes encoded;
  certificate::Proven proven;
};
/// Or why there was none in time, in one line.
using ProofOutcome = Result<FetchedProof, std::string>;
using ProofDone = std::function<void(ProofOutcome)>;

/// Fetches proofs of either kind: asks one replica after the other until one gives a proof that
/// verifies. Nobody needs to be believed, so one honest replica is enough. Pure; time as in Engine.
class ProofFetcher {
 public:
  /// How long one replica is waited for, and how long nobody is asked once all have been.
  static constexpr Duration kPatience = std::chrono::milliseconds(500);
  static constexpr Duration kPause = std::chrono::milliseconds(50);

  /// All that is passed must outlive the fetcher. `chain` may be null: then nothing can be proven.
  ProofFetcher(const ChainConfig* chain, std::uint32_t n, const Verifier& verifier,
               const Hasher& hasher);

  /// `query` goes out as it is: under the median rule with a certificate of the command.
  void fetch(smr::ProofQuery query, Duration deadline, ProofDone done, Duration now);
  void connection_up(ReplicaId replica, Duration now);
  void connection_down(ReplicaId replica, Duration now);
  void receive(ReplicaId from, const smr::ProofResult& result, Duration now);
  /// To be called every now and then while there is something open, and after all others.
  void tick(Duration now);
  bool empty() const noexcept { return open_.empty(); }

  std::vector<Sending> take_sendings() { return std::exchange(sendings_, {}); }

 private:
  struct Fetch {
    smr::ProofQuery query;
    Duration deadline;
    ProofDone done;
    std::uint32_t asked;                              ///< Last.
    std::uint32_t round = 0;                          ///< Replicas that failed in this round.
    Duration next{0};                                 ///< When somebody is asked again.
    std::string why = "no replica could be reached";  ///< Of the last failure.
  };
  /// What the result makes of the fetch: the proof, or why it failed.
  ProofOutcome judge(const Fetch& fetch, ReplicaId from, const smr::ProofResult& result) const;
  void fail(Fetch& fetch, std::string why, Duration now);
  void ask_next(Fetch& fetch, Duration now);

  const ChainConfig* chain_;
  const Verifier& verifier_;
  const Hasher& hasher_;
  std::vector<bool> up_;
  std::list<Fetch> open_;
  std::vector<Sending> sendings_;
};

}  // namespace waggle::client
