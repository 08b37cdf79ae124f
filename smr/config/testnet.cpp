#include "smr/config/testnet.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "consensus/core/ensure.hpp"
#include "crypto/key_file.hpp"
#include "crypto/sha256.hpp"
#include "crypto/tls_binding.hpp"
#include "smr/config/genesis.hpp"
#include "smr/config/testnet_files.hpp"
#include "smr/median/recommended.hpp"

namespace waggle::config {
namespace {

namespace fs = std::filesystem;
using crypto::KeyKind;
using crypto::KeyPair;

/// Writes the files of a network; the first failure stays and makes the rest do nothing.
class Builder {
 public:
  explicit Builder(fs::path root) : root_(std::move(root)) {}

  void folder(const fs::path& name) {
    if (error_) return;
    std::error_code code;
    fs::create_directories(root_ / name, code);
    if (code) fail(root_ / name, code.message());
  }
  void text(const fs::path& name, const std::string& content) {
    if (error_) return;
    std::ofstream stream(root_ / name, std::ios::binary);
    stream << content;
    stream.close();
    if (!stream) fail(root_ / name, std::strerror(errno));
  }
  void key(const fs::path& name, KeyKind kind, const KeyPair& keys) {
    if (error_) return;
    const auto written = crypto::write_key_file(root_ / name, kind, keys);
    if (!written) error_ = ConfigError{(root_ / name).string(), 0, "", written.error().text};
  }
  void fail(const fs::path& file, const std::string& why) {
    error_ = ConfigError{file.string(), 0, "", "cannot be written: " + why};
  }
  const std::optional<ConfigError>& error() const { return error_; }

 private:
  fs::path root_;
  std::optional<ConfigError> error_;
};

struct ReplicaKeys {
  KeyPair consensus = KeyPair::generate();
  KeyPair tls = KeyPair::generate();
};

bool consists_of(std::string_view text, std::string_view marks) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [marks](unsigned char c) {
    return std::isalnum(c) != 0 || marks.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

/// Why the hosts will not do; empty if they will.
std::string fault_of_hosts(const TestnetOptions& options) {
  if (options.hosts.empty()) return "";
  if (options.hosts.size() != options.replicas) {
    return fmt::format("{} are named for {} replicas", options.hosts.size(), options.replicas);
  }
  std::set<std::string> seen;
  for (const std::string& host : options.hosts) {
    if (!consists_of(host, ".-_")) {
      return fmt::format("\"{}\" is neither a host name nor an IPv4 address", host);
    }
    if (!seen.insert(host).second) return fmt::format("{} is named twice", host);
  }
  return "";
}

Loaded<void> check(const TestnetOptions& options) {
  const auto refuse = [&](std::string key, std::string message) -> Loaded<void> {
    return Unexpected{ConfigError{options.folder.string(), 0, std::move(key), std::move(message)}};
  };
  if (options.replicas < 1 || options.replicas > kTestnetReplicasMax) {
    return refuse("replicas", fmt::format("{} is out of range, 1 .. {}", options.replicas,
                                          kTestnetReplicasMax));
  }
  const std::uint32_t port_max = 65535 - 10 * options.replicas;
  if (options.base_port < 1024 || options.base_port > port_max) {
    return refuse("base_port",
                  fmt::format("{} is out of range, 1024 .. {}", options.base_port, port_max));
  }
  if (const std::string fault = fault_of_hosts(options); !fault.empty()) {
    return refuse("hosts", fault);
  }
  if (options.median) {
    ENSURE(options.median->parameters.n == options.replicas, "the parameters are of this network");
    const auto checked = median::check(options.median->parameters);
    if (!checked) return refuse("median", checked.error().message);
  }
  if (!consists_of(options.name, "-_")) {
    return refuse("name", fmt::format("\"{}\" is not of letters, digits, - and _", options.name));
  }
  std::error_code code;
  const bool taken = fs::exists(options.folder, code) && !fs::is_empty(options.folder, code);
  if (taken || code) {
    return refuse("", code ? code.message()
                           : "exists and is not empty; name another folder or remove this one");
  }
  return {};
}

void build(Builder& builder, const TestnetOptions& options) {
  const crypto::Sha256Hasher hasher;
  std::vector<ReplicaKeys> keys(options.replicas);
  std::vector<TestnetMember> members;
  for (const ReplicaKeys& pair : keys) {
    members.push_back({pair.consensus.public_key(), pair.tls.public_key(), {}});
  }
  const KeyPair client = KeyPair::generate();
  const std::string genesis = genesis_text(options, members, client.public_key());
  const Digest chain_id = chain_id_of(genesis, hasher);

  builder.folder(".");
  builder.text("genesis.toml", genesis);
  builder.key("client.key", KeyKind::kClient, client);
  for (std::uint32_t i = 0; i < options.replicas; ++i) {
    const fs::path home = fmt::format("replica-{}", i);
    builder.folder(home / "data");
    builder.text(home / "data" / kFreshMarker, fresh_marker_text());
    builder.text(home / "waggled.toml", replica_text(options, i));
    builder.key(home / "consensus.key", KeyKind::kConsensus, keys[i].consensus);
    builder.key(home / "tls.key", KeyKind::kTls, keys[i].tls);
    const crypto::Ed25519Signer signer(std::move(keys[i].consensus));
    members[i].tls_binding =
        crypto::sign_tls_binding(signer, chain_id, ReplicaId{i}, members[i].tls_key);
  }
  builder.text("cluster.toml", cluster_text(options, chain_id, members));
}

}  // namespace

MedianGenesis median_defaults(std::uint32_t replicas, std::uint64_t start_ms) {
  const median::Recommended recommended = median::recommended(replicas);
  return {recommended.parameters, recommended.round_ms, start_ms};
}

Loaded<void> create_testnet(const TestnetOptions& options) {
  if (const auto fit = check(options); !fit) return fit;
  fs::path target = fs::absolute(options.folder).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  const fs::path draft = target.string() + fmt::format(".new-{}", getpid());

  Builder builder(draft);
  build(builder, options);
  std::error_code code;
  if (!builder.error()) fs::rename(draft, target, code);
  if (code) builder.fail(target, code.message());
  if (!builder.error()) return {};
  fs::remove_all(draft, code);
  return Unexpected{*builder.error()};
}

}  // namespace waggle::config
