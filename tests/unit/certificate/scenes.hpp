#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/unit/certificate/proof_chain.hpp"

namespace waggle::testing {

/// A proof with what is to be said of it.
struct Scene {
  std::string name;
  std::string about;
  Bytes proof;                              ///< Encoded.
  std::optional<certificate::Fault> fault;  ///< Nothing: it is valid.
};

/// Valid proofs of every shape on chains that one genesis file founds.
std::vector<Scene> valid_scenes();
/// For every fault a proof that has it and, as far as that is possible, no other.
std::vector<Scene> faulty_scenes();
/// The genesis file of all scenes.
std::string scenes_genesis();

}  // namespace waggle::testing
