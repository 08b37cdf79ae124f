#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

namespace CLI {
class App;
}

namespace waggle::cli {

/// Exit codes, documented in --help.
enum ExitCode : int {
  kOk = 0,
  kRefused = 1,   ///< Certain: nothing was changed.
  kBadInput = 2,  ///< Usage, configuration or input.
  kUnknown = 3,   ///< It may or may not have happened.
  kNoProof = 4,   ///< Done; but the proof that was asked for could not be had.
};

/// Ends the program with a line for the user. Thrown only inside this program.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// What the command line says for all commands, and the command that was chosen.
struct Cli {
  std::filesystem::path cluster = "testnet";  ///< Folder of the network.
  std::filesystem::path key;                  ///< Empty: client.key in that folder.
  double timeout_seconds = 10;
  bool json = false;
  std::function<ExitCode()> run;  ///< Set by the parser.

  std::chrono::microseconds timeout() const {
    return std::chrono::microseconds(static_cast<std::int64_t>(timeout_seconds * 1e6));
  }
};

// Each adds its commands; the Cli outlives the App.
void add_bind_command(CLI::App& app, Cli& cli);
void add_config_command(CLI::App& app, Cli& cli);
void add_doctor_command(CLI::App& app, Cli& cli);
void add_keygen_command(CLI::App& app, Cli& cli);
void add_kv_commands(CLI::App& app, Cli& cli);
void add_proof_commands(CLI::App& app, Cli& cli);
void add_status_command(CLI::App& app, Cli& cli);
void add_submit_command(CLI::App& app, Cli& cli);
void add_testnet_commands(CLI::App& app, Cli& cli);

}  // namespace waggle::cli
