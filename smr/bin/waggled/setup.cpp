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

Result<void, std::string> check_keys(const Setup& setup, const PublicKey& consensus,
                                     const PublicKey& tls) {
  const ReplicaId self = setup.settings.replica;
  if (setup.genesis.chain->key(self) != consensus) {
    return Unexpected{setup.settings.consensus_key_file.string() +
                      ": this key is not the one that " + setup.settings.genesis.string() +
                      " lists for replica " + std::to_string(self.value)};
  }
  if (setup.cluster.members.at(self.value).tls_key != tls) {
    return Unexpected{setup.settings.tls_key_file.string() + ": this key is not the one that " +
                      setup.settings.cluster.string() + " lists for replica " +
                      std::to_string(self.value)};
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
  if (!genesis) return Unexpected{genesis.error().to_string()};
  auto cluster = config::load_cluster(settings->cluster.string(), *genesis->chain, verifier);
  if (!cluster) return Unexpected{cluster.error().to_string()};
  const auto checked = config::check_replica(*settings, file, *genesis->chain);
  if (!checked) return Unexpected{checked.error().to_string()};
  auto consensus = crypto::read_key_file(settings->consensus_key_file, crypto::KeyKind::kConsensus);
  if (!consensus) return Unexpected{consensus.error().text};
  auto tls = crypto::read_key_file(settings->tls_key_file, crypto::KeyKind::kTls);
  if (!tls) return Unexpected{tls.error().text};
  auto identity = net::TlsIdentity::from_seed(tls->seed());
  if (!identity) return Unexpected{settings->tls_key_file.string() + ": " + identity.error()};

  Setup setup;
  setup.settings = std::move(*settings);
  setup.genesis = std::move(*genesis);
  setup.cluster = std::move(*cluster);
  const auto keys = check_keys(setup, consensus->public_key(), tls->public_key());
  if (!keys) return Unexpected{keys.error()};
  setup.signer = std::make_shared<const crypto::Ed25519Signer>(std::move(*consensus));
  setup.tls = std::make_shared<const net::TlsIdentity>(std::move(*identity));
  return setup;
}

Result<OpenedStorage, std::string> open_storage(const Setup& setup, bool rejoin) {
  const std::filesystem::path& path = setup.settings.data_dir;
  const std::filesystem::path marker = path / config::kFreshMarker;
  const storage::Identity identity{setup.genesis.chain->chain_id, setup.settings.replica};
  std::error_code ignored;
  const bool fresh = !rejoin && std::filesystem::exists(marker, ignored);

  OpenMode mode = rejoin ? OpenMode::kRejoin : fresh ? OpenMode::kCreate : OpenMode::kNormal;
  auto opened = storage::open(path, identity, mode);
  if (!opened && fresh && opened.error().kind == StorageError::Kind::kNotEmpty) {
    // A crash between creating the database and removing the marker.
    opened = storage::open(path, identity, OpenMode::kNormal);
  }
  if (!opened && opened.error().kind == StorageError::Kind::kEmpty) {
    return Unexpected{path.string() +
                      " holds no data. If this replica ran before, its data is lost: start with "
                      "--rejoin. If the chain never ran here: put an empty file named " +
                      config::kFreshMarker + " into it"};
  }
  if (!opened) return Unexpected{opened.error().message};
  std::filesystem::remove(marker, ignored);

  const auto halted = (*opened)->get(Family::kEvidence, as_bytes(smr::layout::kHaltedKey));
  if (!halted) return Unexpected{halted.error().message};
  if (*halted) {
    return Unexpected{path.string() +
                      ": this replica stopped for safety: " + std::string(as_text(**halted)) +
                      ". Too many replicas are faulty, or there is a bug: keep the directory as "
                      "evidence and do not start it again"};
  }
  const ChainConfig& chain = *setup.genesis.chain;
  const auto upgraded = smr::upgrade(**opened, chain, crypto::Sha256Hasher());
  if (!upgraded) return Unexpected{path.string() + ": " + upgraded.error().message};
  OpenedStorage result{std::move(*opened), false};
  const auto origin = result.storage->get(Family::kMeta, as_bytes("origin"));
  if (!origin) return Unexpected{origin.error().message};
  const auto record = result.storage->get(Family::kSafety, as_bytes(smr::layout::kRecordKey));
  if (!record) return Unexpected{record.error().message};
  // Until there is a safety record, a directory that began with a loss has to rejoin.
  result.rejoin = *origin && as_text(**origin) == "rejoin" && !*record;
  if (result.rejoin && chain.n() - 1 < chain.quorum()) {
    return Unexpected{path.string() + ": rejoining needs the reports of " +
                      std::to_string(chain.quorum()) + " other replicas, and this chain has " +
                      std::to_string(chain.n() - 1)};
  }
  return result;
}

}  // namespace waggle::daemon
