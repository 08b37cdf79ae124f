#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>

#include "smr/app/kv_command.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/client/outcome.hpp"
#include "smr/protocol/messages.hpp"

namespace waggle::cli {

/// How an outcome counts: by what the replicas and then the store said.
ExitCode exit_code_of(const client::Outcome& outcome);

/// What became of a proof or a certificate that was asked for.
struct Saved {
  const char* what = "proof";
  std::filesystem::path file;
  std::size_t bytes = 0;
  std::string error;  ///< Empty if it is in the file.
};

/// Prints the outcome of one command: a line that begins with the verdict, or an object.
ExitCode report(const Cli& cli, const app::KvCommand& command, const client::Outcome& outcome,
                std::chrono::microseconds took, std::span<const Saved> saved = {});
/// Prints what one replica says without the others, and says that it is only that.
ExitCode report_local(const Cli& cli, const app::KvCommand& query,
                      const smr::LocalReadResult& answer, ReplicaId replica,
                      std::chrono::microseconds took);

}  // namespace waggle::cli
