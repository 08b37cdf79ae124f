#pragma once

#include <filesystem>
#include <fstream>

#include "consensus/core/bytes.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/certificate/proof.hpp"

namespace waggle::cli {

/// A file for a proof that is yet to come: opened early, written whole. What was there before is
/// kept until then; without a proof a new file is not left behind.
class ProofFile {
 public:
  /// Throws Failure if it cannot be written.
  explicit ProofFile(std::filesystem::path path);
  ~ProofFile();
  ProofFile(const ProofFile&) = delete;
  ProofFile& operator=(const ProofFile&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  void write(ByteView proof);

 private:
  std::filesystem::path path_;
  std::filesystem::path draft_;  ///< Beside it; renamed when it is written.
  std::ofstream file_;
};

/// Says in words, or as an object, what a valid proof proves, what not, and on which fault model it
/// rests. `n` replicas in all.
void report_proven(const Cli& cli, const certificate::Proven& proven, std::uint32_t n,
                   std::size_t proof_bytes);

}  // namespace waggle::cli
