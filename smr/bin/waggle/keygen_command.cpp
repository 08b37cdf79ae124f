#include <cstdio>
#include <optional>

#include <CLI/CLI.hpp>

#include "crypto/key_file.hpp"
#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/network.hpp"
#include "smr/bin/waggle/output.hpp"
#include "smr/client/number_file.hpp"

namespace waggle::cli {
namespace {

using crypto::KeyKind;

KeyKind kind_of(const std::string& word) {
  if (word == "consensus") return KeyKind::kConsensus;
  return word == "tls" ? KeyKind::kTls : KeyKind::kClient;
}

ExitCode keygen(const Cli& cli, const std::filesystem::path& file, KeyKind kind) {
  // A client's number file is made at once where its chain is known, so that the first use of the
  // key need not find out which numbers are free.
  std::optional<Digest> chain_id;
  if (kind == KeyKind::kClient && std::filesystem::exists(cli.cluster / "genesis.toml")) {
    chain_id = load_network(cli.cluster).chain().chain_id;
  }
  const crypto::KeyPair keys = crypto::KeyPair::generate();
  const auto written = crypto::write_key_file(file, kind, keys);
  if (!written) throw Failure(kBadInput, written.error().text);
  if (chain_id) {
    const auto made =
        client::NumberFile::create(number_file_of(file), *chain_id, keys.public_key());
    if (!made) throw Failure(kBadInput, made.error());
  }
  const std::string public_key = to_hex(keys.public_key().view());
  if (cli.json) {
    print_json({{"file", file.string()},
                {"kind", std::string(to_string(kind))},
                {"public_key", public_key}});
  } else {
    std::printf("%-10s  %s\npublic key  %s\n", "key file", file.c_str(), public_key.c_str());
  }
  return kOk;
}

}  // namespace

void add_keygen_command(CLI::App& app, Cli& cli) {
  struct Options {
    std::filesystem::path file;
    std::string kind = "client";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("keygen", "make a key pair; never overwrites a file");
  command->add_option("FILE", options->file, "the key file to write, mode 0600")->required();
  command->add_option("--kind", options->kind, "what it is for")
      ->check(CLI::IsMember({"client", "consensus", "tls"}))
      ->capture_default_str();
  command->callback([&cli, options] {
    cli.run = [&cli, options] { return keygen(cli, options->file, kind_of(options->kind)); };
  });
}

}  // namespace waggle::cli
