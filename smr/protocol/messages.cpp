#include "smr/protocol/messages.hpp"

namespace waggle::smr {

std::string_view to_string(ProofRefusal refusal) noexcept {
  switch (refusal) {
    case ProofRefusal::kNotCommitted: return "no such command is committed";
    case ProofRefusal::kNotProvable: return "not provable yet";
    case ProofRefusal::kPruned: return "a block that it needs is not kept any more";
    case ProofRefusal::kBusy: return "busy with other proofs";
  }
  return "unknown";
}

}  // namespace waggle::smr
