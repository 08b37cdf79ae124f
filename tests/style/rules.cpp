#include "tests/style/rules.hpp"

#include <algorithm>

#include "tests/style/scanner.hpp"

namespace waggle::style {

const std::vector<Layer>& layers() {
  static const std::vector<Layer> table = {
      {"consensus/core", {}},
      {"consensus/chained", {"consensus/core"}},
      {"consensus/pbeegees", {"consensus/core", "consensus/chained"}},
      {"consensus/baselines", {"consensus/core", "consensus/chained"}},
      {"crypto", {"consensus/core"}},
      // The codec turns wire types into the domain's messages and back.
      {"net",
       {"consensus/core", "consensus/chained/messages.hpp", "crypto", "smr/median/messages.hpp",
        "smr/protocol"}},
      {"storage", {"consensus/core"}},
      {"smr/app", {"consensus/core"}},
      {"smr/certificate", {"consensus/core"}},
      {"smr/median", {"consensus/core", "smr/certificate"}},
      {"smr/protocol", {"consensus/core"}},
      {"smr/config",
       {"consensus/core", "consensus/chained", "crypto", "net", "smr/median/parameters.hpp",
        "smr/median/recommended.hpp"}},
      {"smr/replica",
       {"consensus/core", "consensus/chained", "smr/app", "smr/certificate", "smr/median",
        "smr/protocol", "storage/keys.hpp", "storage/storage.hpp"}},
      {"smr/replica/threads",
       {"consensus/core", "consensus/chained", "smr/app", "smr/median", "smr/protocol",
        "smr/replica", "storage/storage.hpp"}},
      {"smr/client",
       {"consensus/core", "crypto", "net", "smr/certificate", "smr/median/named.hpp",
        "smr/protocol"}},
      {"smr/verify", {"consensus/core", "crypto", "smr/certificate", "smr/config"}},
      {"smr/bin", {"*"}},
      {"examples", {"consensus/core", "crypto", "smr/app"}},
      {"sim/base", {"consensus/core"}},
      {"sim/crypto", {"consensus/core", "crypto"}},
      {"sim/rounds/checker", {"consensus/core", "sim/base", "smr/certificate"}},
      {"sim/rounds",
       {"consensus/core", "sim/base", "sim/crypto", "sim/rounds/checker", "smr/certificate",
        "smr/median"}},
      {"sim/trace", {"consensus/core"}},
      {"sim/adversary", {"consensus/core", "consensus/chained", "sim/base"}},
      // Nothing of what is judged: messages, commands and what execution hands on.
      {"sim/checker",
       {"consensus/core", "consensus/chained/messages.hpp", "smr/app/kv_command.hpp",
        "smr/certificate", "smr/median/messages.hpp", "smr/median/sealed_run.hpp", "smr/protocol",
        "smr/replica/execution.hpp", "storage/storage.hpp"}},
      {"sim/world",
       {"consensus/core", "consensus/chained", "consensus/pbeegees", "consensus/baselines",
        "sim/adversary", "sim/base", "sim/checker", "sim/crypto", "sim/trace", "smr/app",
        "smr/certificate", "smr/median", "smr/protocol", "smr/replica", "storage/keys.hpp",
        "storage/memory_storage.hpp", "storage/storage.hpp"}},
      {"sim/scenario",
       {"consensus/core", "consensus/chained", "sim/adversary", "sim/base", "sim/checker",
        "sim/trace", "sim/world", "smr/config"}},
      {"sim/explore",
       {"consensus/core", "sim/adversary", "sim/base", "sim/rounds", "sim/scenario", "sim/trace",
        "sim/world"}},
      {"sim/replay", {"consensus/core", "sim/scenario", "sim/trace", "smr/config"}},
      {"sim/report", {"consensus/core", "sim/replay", "sim/scenario", "sim/trace"}},
      {"sim/experiment",
       {"consensus/core", "crypto", "sim/adversary", "sim/base", "sim/explore", "sim/rounds",
        "sim/scenario", "sim/trace", "sim/world", "smr/certificate", "smr/median"}},
      {"sim/bin", {"*"}},
      {"tests", {"*"}},
  };
  return table;
}

const std::vector<External>& externals() {
  static const std::vector<External> table = {
      {"libsodium", {"sodium.h", "sodium/*"}, {"crypto/*", "tests/unit/crypto/*"}},
      {"OpenSSL", {"openssl/*"}, {"crypto/*", "net/*tls*", "tests/unit/crypto/*"}},
      {"Boost", {"boost/*"}, {"net/*", "tests/unit/net/*", "tests/integration/*"}},
      {"Protobuf", {"google/protobuf/*", "*.pb.h"}, {"net/*", "tests/unit/net/*"}},
      {"RocksDB", {"rocksdb/*"}, {"storage/*", "tests/unit/storage/*"}},
      {"toml++", {"toml++/*"}, {"smr/config/*"}},
      {"nlohmann json",
       {"nlohmann/*"},
       {"sim/bin/*", "sim/experiment/*", "sim/explore/*", "sim/replay/*", "sim/report/*",
        "smr/bin/*", "smr/config/*", "tests/*"}},
      {"CLI11", {"CLI/*"}, {"sim/bin/*", "smr/bin/*"}},
      {"spdlog", {"spdlog/*"}, {"smr/bin/*"}},
      {"prometheus-cpp", {"prometheus/*"}, {"smr/bin/*"}},
      {"fmt",
       {"fmt/*"},
       {"crypto/*", "net/*", "storage/*", "sim/bin/*", "sim/experiment/*", "sim/scenario/*",
        "smr/*", "tests/*"}},
      {"gtest, gmock, rapidcheck", {"gtest/*", "gmock/*", "rapidcheck*"}, {"tests/*"}},
      {"libpng", {"png.h"}, {"tests/report/*"}},
      // Every other header whose name ends in .h: the operating system.
      {"POSIX",
       {"*.h"},
       {"crypto/*", "net/*", "storage/*", "smr/config/*", "smr/client/*", "smr/verify/*",
        "smr/bin/*", "smr/replica/threads/*", "sim/bin/*", "sim/explore/*", "tests/*"}},
  };
  return table;
}

const std::vector<Ban>& bans() {
  using enum Ban::Kind;
  static const std::vector<Ban> table = {
      {kWord,
       "one thread owns this code; no locks, threads or atomics",
       {"mutex", "shared_mutex", "recursive_mutex", "timed_mutex", "lock_guard", "scoped_lock",
        "unique_lock", "shared_lock", "condition_variable", "jthread", "this_thread",
        "thread_local", "call_once", "pthread_create"}},
      {kStd,
       "one thread owns this code; no locks, threads or atomics",
       {"thread", "async", "future", "promise", "atomic", "atomic_ref", "atomic_flag", "latch",
        "barrier", "counting_semaphore", "binary_semaphore", "stop_token"}},
      {kHeader,
       "one thread owns this code; no locks, threads or atomics",
       {"mutex", "shared_mutex", "thread", "atomic", "condition_variable", "future", "semaphore",
        "latch", "barrier", "stop_token"}},

      {kWord,
       "time comes only from timers that the core sets",
       {"system_clock", "steady_clock", "high_resolution_clock", "utc_clock", "file_clock",
        "clock_gettime", "gettimeofday", "sleep_for", "sleep_until"}},
      {kCall,
       "time comes only from timers that the core sets",
       {"time", "clock", "sleep", "usleep", "nanosleep", "localtime", "gmtime"}},
      {kHeader, "time comes only from timers that the core sets", {"ctime"}},

      {kWord,
       "chance comes only from the Rng that is handed in",
       {"random_device", "mt19937", "mt19937_64", "minstd_rand", "default_random_engine",
        "random_shuffle", "uniform_int_distribution", "uniform_real_distribution"}},
      {kCall,
       "chance comes only from the Rng that is handed in",
       {"rand", "srand", "rand_r", "random", "drand48", "getrandom", "arc4random"}},
      {kHeader, "chance comes only from the Rng that is handed in", {"random"}},

      {kWord,
       "unordered containers iterate in an order that differs between builds",
       {"unordered_map", "unordered_set", "unordered_multimap", "unordered_multiset"}},
      {kHeader,
       "unordered containers iterate in an order that differs between builds",
       {"unordered_map", "unordered_set"}},
      {kWord, "addresses differ between runs", {"uintptr_t", "intptr_t"}},

      {kWord, "floating point may differ between machines", {"float", "double"}},
      {kHeader, "floating point may differ between machines", {"cmath"}},

      {kStd,
       "no input or output; effects say what shall happen",
       {"cout", "cerr", "clog", "cin", "ifstream", "ofstream", "fstream", "filesystem"}},
      {kCall,
       "no input or output; effects say what shall happen",
       {"printf", "fprintf", "puts", "fputs", "putchar", "fopen", "fwrite", "getenv", "system",
        "perror"}},
      {kHeader,
       "no input or output; effects say what shall happen",
       {"iostream", "fstream", "cstdio", "filesystem", "syncstream", "print"}},
  };
  return table;
}

const std::vector<Ban>& test_bans() {
  static const std::vector<Ban> table = {
      {Ban::Kind::kWord,
       "tests run side by side; a TempFolder is one test's own",
       {"TempDir", "temp_directory_path", "mkdtemp", "mkstemp", "tmpnam"}},
  };
  return table;
}

const std::vector<Exemption>& exemptions() {
  static const std::vector<Exemption> table = {
      // The one way to a folder of a test's own.
      {"tests/support/temp_folder.hpp", "temp_directory_path"},
      {"tests/support/temp_folder.hpp", "mkdtemp"},
      // Says why the process stops, then stops it.
      {"consensus/core/ensure.cpp", "iostream"},
      {"consensus/core/ensure.cpp", "cerr"},
  };
  return table;
}

std::span<const std::string_view> cores() {
  static constexpr std::string_view kCores[] = {"consensus/pbeegees", "consensus/baselines",
                                                "smr/median"};
  return kCores;
}

std::span<const std::string_view> roots() {
  static constexpr std::string_view kRoots[] = {"bench", "consensus", "crypto",  "examples", "net",
                                                "sim",   "smr",       "storage", "tests"};
  return kRoots;
}

const Layer* layer_of(std::string_view path) {
  const Layer* best = nullptr;
  for (const Layer& layer : layers()) {
    const bool inside = path.starts_with(layer.folder) && path.size() > layer.folder.size() &&
                        path[layer.folder.size()] == '/';
    if (inside && (best == nullptr || layer.folder.size() > best->folder.size())) best = &layer;
  }
  return best;
}

bool is_deterministic(std::string_view path) {
  static constexpr std::string_view kInside[] = {"consensus/*",      "smr/replica/*", "smr/app/*",
                                                 "smr/protocol/*",   "smr/median/*",  "sim/*",
                                                 "smr/certificate/*"};
  static constexpr std::string_view kOutside[] = {"smr/replica/threads/*", "sim/bin/*",
                                                  "sim/experiment/*", "sim/explore/*"};
  const auto holds = [path](std::string_view pattern) { return matches(pattern, path); };
  return std::any_of(std::begin(kInside), std::end(kInside), holds) &&
         std::none_of(std::begin(kOutside), std::end(kOutside), holds);
}

}  // namespace waggle::style
