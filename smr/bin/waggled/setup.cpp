#include "smr/bin/waggled/setup.hpp"

#include <filesystem>

#include "crypto/key_file.hpp"
#include "crypto/sha256.hpp"
#include "smr/config/testnet.hpp"
#include "smr/replica/layout.hpp"
#include "smr/replica/upgrade.hpp"
#include "storage/rocksdb_storage.hpp"

namespace waggle::daemon {
namespace {

using storage::Family;
using storage::OpenMode;
using storage::StorageError;

/// One line: where the setting is, and what is wrong with what it names.
Unexpected<std::string> refuse(const Setup& setup, std::string_view key, std::string message) {
  return Unexpected{setup.settings.origin(key).error(std::move(message)).to_string()};
}

/// A file that cannot be read at all is named by the setting that names it.
std::string at_its_setting(const config::ReplicaSettings& settings, std::string_view key,
                           const config::ConfigError& error) {
  const bool unread = error.line == 0 && error.key.empty();
  return unread ? settings.origin(key).error(error.to_string()).to_string() : error.to_string();
}

Result<crypto::KeyPair, std::string> read_key(const Setup& setup, std::string_view setting,
                                              const std::filesystem::path& file,
                                              crypto::KeyKind kind) {
  auto key = crypto::read_key_file(file, kind);
  if (!key) return refuse(setup, setting, key.error().text);
  return std::move(*key);
}

Result<void, std::string> check_keys(const Setup& setup, const PublicKey& consensus,
                                     const PublicKey& tls) {
  const ReplicaId self = setup.settings.replica;
  const auto wrong = [&](std::string_view setting, const std::filesystem::path& file,
                         const std::filesystem::path& list) {
    return refuse(setup, setting,
                  file.string() + ": this key is not the one that " + list.string() +
                      " lists for replica " + std::to_string(self.value) +
                      "; name the file that belongs to it");
  };
  if (setup.genesis.chain->key(self) != consensus) {
    return wrong("consensus_key_file", setup.settings.consensus_key_file, setup.settings.genesis);
  }
  if (setup.cluster.members.at(self.value).tls_key != tls) {
    return wrong("tls_key_file", setup.settings.tls_key_file, setup.settings.cluster);
  }
  return {};
}

}  // namespace

Result<Setup, std::string> load_setup(const std::string& file) {
  const crypto::Sha256Hasher hasher;
  const crypto::Ed25519Verifier verifier;
  auto settings = config::load_replica(file);
  if (!settings) return Unexpected{settings.error().to_string()};
  auto genesis = config::load_genesis(settings->genesis.string(), hasher);
  if (!genesis) return Unexpected{at_its_setting(*settings, "genesis", genesis.error())};
  auto cluster = config::load_cluster(settings->cluster.string(), *genesis->chain, verifier);
  if (!cluster) return Unexpected{at_its_setting(*settings, "cluster", cluster.error())};
  const auto checked = config::check_replica(*settings, *genesis->chain);
  if (!checked) return Unexpected{checked.error().to_string()};

  Setup setup;
  setup.settings = std::move(*settings);
  setup.genesis = std::move(*genesis);
  setup.cluster = std::move(*cluster);
  auto consensus = read_key(setup, "consensus_key_file", setup.settings.consensus_key_file,
                            crypto::KeyKind::kConsensus);
  if (!consensus) return Unexpected{consensus.error()};
  auto tls = read_key(setup, "tls_key_file", setup.settings.tls_key_file, crypto::KeyKind::kTls);
  if (!tls) return Unexpected{tls.error()};
  const auto keys = check_keys(setup, consensus->public_key(), tls->public_key());
  if (!keys) return Unexpected{keys.error()};
  auto identity = net::TlsIdentity::from_seed(tls->seed());
  if (!identity) return refuse(setup, "tls_key_file", identity.error());
  setup.signer = std::make_shared<const crypto::Ed25519Signer>(std::move(*consensus));
  setup.tls = std::make_shared<const net::TlsIdentity>(std::move(*identity));
  return setup;
}

Result<OpenedStorage, std::string> open_storage(const Setup& setup, bool rejoin) {
  const std::filesystem::path& path = setup.settings.data_dir;
  const std::filesystem::path marker = path / config::kFreshMarker;
  const storage::Identity identity{setup.genesis.chain->chain_id, setup.settings.replica};
  const auto no = [&setup](std::string message) {
    return refuse(setup, "data_dir", std::move(message));
  };
  std::error_code ignored;
  const bool fresh = !rejoin && std::filesystem::exists(marker, ignored);

  OpenMode mode = rejoin ? OpenMode::kRejoin : fresh ? OpenMode::kCreate : OpenMode::kNormal;
  auto opened = storage::open(path, identity, mode);
  if (!opened && fresh && opened.error().kind == StorageError::Kind::kNotEmpty) {
    // A crash between creating the database and removing the marker.
    opened = storage::open(path, identity, OpenMode::kNormal);
  }
  if (!opened && opened.error().kind == StorageError::Kind::kEmpty) {
    return no(path.string() +
              " holds no data. If this replica ran before, its data is lost: start with "
              "--rejoin. If the chain never ran here: put an empty file named " +
              config::kFreshMarker + " into it");
  }
  if (!opened) return no(opened.error().message);
  std::filesystem::remove(marker, ignored);

  const auto halted = (*opened)->get(Family::kEvidence, as_bytes(smr::layout::kHaltedKey));
  if (!halted) return no(halted.error().message);
  if (*halted) {
    return no(path.string() +
              ": this replica stopped for safety: " + std::string(as_text(**halted)) +
              ". Too many replicas are faulty, or there is a bug: keep the directory as evidence "
              "and do not start it again");
  }
  const ChainConfig& chain = *setup.genesis.chain;
  const auto upgraded = smr::upgrade(**opened, chain, crypto::Sha256Hasher());
  if (!upgraded) return no(path.string() + ": " + upgraded.error().message);
  OpenedStorage result{std::move(*opened), false};
  const auto origin = result.storage->get(Family::kMeta, as_bytes("origin"));
  if (!origin) return no(origin.error().message);
  bool remembers = false;
  const auto scanned = result.storage->scan(Family::kSafety, {}, {}, [&](ByteView, ByteView) {
    remembers = true;
    return false;
  });
  if (!scanned) return no(scanned.error().message);
  // Until there is a record of safety, a directory that began with a loss has to rejoin.
  result.rejoin = *origin && as_text(**origin) == "rejoin" && !remembers;
  // Rules 4.10 and 8.7.
  const std::uint32_t needed = setup.genesis.median ? chain.n() - chain.n() / 2 : chain.quorum();
  if (result.rejoin && chain.n() - 1 < needed) {
    return no(path.string() + ": rejoining needs the reports of " + std::to_string(needed) +
              " other replicas, and this chain has " + std::to_string(chain.n() - 1));
  }
  return result;
}

}  // namespace waggle::daemon
