#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace waggle::bench {

/// What the command line asks for.
struct Options {
  std::uint32_t replicas = 4;
  std::string protocol = "pbeegees";  ///< Of the throwaway one, or "median".
  std::filesystem::path cluster;      ///< A running one; empty: a throwaway one.
  std::filesystem::path folder;       ///< Where the throwaway one is made; empty: the system's.
  std::filesystem::path waggled;      ///< Empty: the one beside this program.

  std::optional<std::uint32_t> rate;  ///< Open loop, commands per second of all clients.
  std::uint32_t clients = 2;
  std::uint32_t in_flight = 1600;  ///< Commands of one client; in open loop at most.
  std::uint32_t batch = 64;        ///< Commands in a request at most; of the median rule 1.
  std::uint32_t value_bytes = 128;
  std::uint32_t keys = 100'000;         ///< Commands put to so many different keys.
  std::uint32_t block_bytes = 1 << 20;  ///< Of the throwaway one: commands of one block.

  std::vector<std::uint32_t> sweep;    ///< A run for each: commands in flight, of all clients.
  std::string kill;                    ///< A third into the run: "leader", "all"; empty: nobody.
  bool read_back = false;              ///< In the end, what was acknowledged.
  std::optional<double> idle_seconds;  ///< After the run; then the first command is measured.
  double warmup_seconds = 3;
  double duration_seconds = 10;
  double timeout_seconds = 30;  ///< Of one command.
  bool json = false;
};

/// Reads the command line. Throws cli::Failure with one line; nothing after --help was answered.
std::optional<Options> parse_options(int argc, char** argv);

}  // namespace waggle::bench
