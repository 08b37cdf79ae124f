#include "smr/protocol/messages.hpp"

namespace waggle::smr {

std::string_view to_string(ProofRefusal refusal) noexcept {
  switch (refusal) {
    case ProofRefusal::kNotCommitted: return "no such command is committed";
    case ProofRefusal::kNotProvable: return "not provable yet";
    case ProofRefusal::kPruned: return "a block that it needs is not kept any more";
    case ProofRefusal::kBusy: return "busy with other proofs";
    case ProofRefusal::kNoCertificate:
      return "servers of this chain prove only what they are shown a certificate of";
    case ProofRefusal::kBadCertificate: return "that is no certificate of this command";
    case ProofRefusal::kAhead: return "the certificate's position is not committed there yet";
    case ProofRefusal::kSurplusLinks:
      return "the certificate's chain goes on above the root of its tree";
    case ProofRefusal::kWrongCertificate:
      return "the certificate's command is not what is committed at its position";
    case ProofRefusal::kShortChain:
      return "the certificate's chain meets neither a root nor its client's last two commands";
  }
  return "unknown";
}

}  // namespace waggle::smr
