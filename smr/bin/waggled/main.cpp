// waggled: one replica of a Waggle cluster.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "smr/bin/waggled/log.hpp"
#include "smr/bin/waggled/metrics.hpp"
#include "smr/bin/waggled/node.hpp"
#include "smr/bin/waggled/setup.hpp"

namespace {

using namespace waggle;

constexpr int kStopped = 1;   // the replica stopped itself: the disk failed or safety is at stake
constexpr int kBadInput = 2;  // command line, configuration, keys, data directory, address in use

constexpr const char* kFooter =
    "Exit codes: 0 stopped by SIGTERM or SIGINT; 1 the replica stopped itself (the last log line\n"
    "says why); 2 bad command line, configuration, key file or data directory, or an address in "
    "use.";

int fail(const std::string& what) {
  std::fprintf(stderr, "waggled: %s\n", what.c_str());
  return kBadInput;
}

int serve(daemon::Setup setup, daemon::OpenedStorage storage) {
  const config::ReplicaSettings settings = setup.settings;
  daemon::init_log(settings.log, settings.replica);
  daemon::Node node(std::move(setup), std::move(storage));
  if (auto started = node.start(); !started) return fail(started.error());
  std::unique_ptr<daemon::MetricsEndpoint> metrics;
  if (settings.metrics_listen) {
    const std::string address = settings.metrics_listen->to_string();
    try {
      metrics = std::make_unique<daemon::MetricsEndpoint>(address, node);
    } catch (const std::exception& error) {
      const config::Origin origin = settings.origin("metrics_listen");
      const std::string why = "cannot listen on " + address + ": " + error.what();
      return fail(origin.error(why + daemon::kIfInUse).to_string());
    }
  }
  const auto ended = node.run();
  metrics.reset();
  if (!ended) {
    std::fprintf(stderr, "waggled: stopped: %s\n", ended.error().c_str());
    return kStopped;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"waggled: one replica of a Waggle cluster", "waggled"};
  app.footer(kFooter);
  std::string file;
  bool check_only = false;
  bool rejoin = false;
  app.add_option("--config", file, "the replica's waggled.toml")->required();
  app.add_flag("--check-config", check_only,
               "check the configuration and all files it names, then end");
  app.add_flag("--rejoin", rejoin,
               "start on an empty data directory of a running chain, after its data was lost: the "
               "replica stays passive until it is safe to vote again");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadInput;
  }
  // A stop that is asked for while the directory is opened and read waits for the main loop.
  if (!check_only) net::EventLoop::hold_signals();
  auto setup = daemon::load_setup(file);
  if (!setup) return fail(setup.error());
  if (check_only) {
    std::printf("%s: ok (replica %u of %u)\n", file.c_str(), setup->settings.replica.value,
                setup->genesis.chain->n());
    return 0;
  }
  auto storage = daemon::open_storage(*setup, rejoin);
  if (!storage) return fail(storage.error());
  return serve(std::move(*setup), std::move(*storage));
}
