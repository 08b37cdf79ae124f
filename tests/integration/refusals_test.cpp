// What waggled does not start with: exit code 2, and one line that names the file, its line, the
// key and what to do.
#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "smr/replica/layout.hpp"
#include "storage/rocksdb_storage.hpp"
#include "tests/integration/cluster.hpp"
#include "tests/integration/sockets.hpp"

namespace waggle::integration {
namespace {

namespace fs = std::filesystem;

class Refusals : public testing::Test {
 protected:
  void expect_refused(std::uint32_t replica, const std::vector<std::string>& words,
                      const std::vector<std::string>& more = {}) {
    const Finished ended = run(cluster_.command(replica, more), cluster_.folder());
    EXPECT_EQ(ended.code, 2) << ended.err;
    EXPECT_EQ(ended.out, "");
    const auto said = ended.err.find("waggled: ");
    ASSERT_NE(said, std::string::npos) << ended.err;
    const std::string line = ended.err.substr(said);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    for (const std::string& word : words) {
      EXPECT_NE(line.find(word), std::string::npos) << "\"" << word << "\" is not in: " << line;
    }
  }
  /// FILE:LINE: KEY, as a file has it.
  static std::string place(const fs::path& file, const std::string& key, int occurrence = 0) {
    std::istringstream text(read_text(file));
    std::string line;
    for (int number = 1; std::getline(text, line); ++number) {
      if (!line.starts_with(key + " =") || occurrence-- > 0) continue;
      return file.string() + ":" + std::to_string(number) + ": ";
    }
    ADD_FAILURE() << file << " has no " << key;
    return "";
  }
  std::string setting(std::uint32_t replica, const std::string& key) const {
    return place(cluster_.config(replica), key) + key + ": ";
  }
  void set(std::uint32_t replica, const std::string& key, const std::string& value) {
    std::string text = read_text(cluster_.config(replica));
    const auto at = text.find("\n" + key + " =") + 1;
    ASSERT_NE(at, 0u) << key;
    write_text(cluster_.config(replica),
               text.replace(at, text.find('\n', at) - at, key + " = " + value));
  }
  void run_once(std::uint32_t replica) {
    cluster_.start(replica);
    ASSERT_TRUE(cluster_.await(seconds(20), [&] { return cluster_.status(replica).has_value(); }));
    cluster_.kill(replica);
  }
  void append(const fs::path& file, const std::string& text) {
    write_text(file, read_text(file) + text);
  }

  Cluster cluster_;
};

TEST_F(Refusals, CheckConfigSaysOk) {
  const Finished ended = run(cluster_.command(1, {"--check-config"}), cluster_.folder());
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_NE(ended.out.find("ok"), std::string::npos);
  EXPECT_EQ(ended.err, "");
  EXPECT_TRUE(fs::exists(cluster_.data(1) / config::kFreshMarker)) << "it touched the data";
}

TEST_F(Refusals, CommandLine) {
  const std::string program = WAGGLE_BIN_DIR "/waggled";
  EXPECT_EQ(run({program}, cluster_.folder()).code, 2);
  EXPECT_EQ(run({program, "--confg", "x"}, cluster_.folder()).code, 2);
  EXPECT_EQ(run({program, "--help"}, cluster_.folder()).code, 0);
  const Finished missing = run({program, "--config", "/nowhere/waggled.toml"}, cluster_.folder());
  EXPECT_EQ(missing.code, 2);
  EXPECT_NE(missing.err.find("/nowhere/waggled.toml"), std::string::npos) << missing.err;
}

TEST_F(Refusals, UnknownKey) {
  append(cluster_.config(0), "\n[mempool2]\n");
  expect_refused(0, {cluster_.config(0).string(), "mempool2", "did you mean mempool"});
  write_text(cluster_.config(1), "veiw_timeout = 3\n" + read_text(cluster_.config(1)));
  expect_refused(1, {cluster_.config(1).string() + ":1", "veiw_timeout"}, {"--check-config"});
  std::string text = read_text(cluster_.config(2));
  text.insert(text.find("[pacemaker]") + 11, "\nview_timeout = 3");
  write_text(cluster_.config(2), text);
  expect_refused(2, {cluster_.config(2).string(), "did you mean", "view_timeout_ms"});
}

TEST_F(Refusals, ValueOfTheWrongKind) {
  std::string text = read_text(cluster_.config(0));
  text.insert(text.find("[pacemaker]") + 11, "\nview_timeout_ms = \"soon\"");
  write_text(cluster_.config(0), text);
  expect_refused(0, {cluster_.config(0).string(), "view_timeout_ms"});
}

TEST_F(Refusals, MempoolWithoutRoomForALegalRequest) {
  std::string text = read_text(cluster_.config(0));
  text.insert(text.find("[mempool]") + 9, "\nclient_bytes_max = 2000\n#");
  write_text(cluster_.config(0), text);
  expect_refused(0, {cluster_.config(0).string(), "mempool.client_bytes_max", "request_bytes_max"});
}

TEST_F(Refusals, MissingKey) {
  std::string text = read_text(cluster_.config(0));
  const auto at = text.find("data_dir");
  write_text(cluster_.config(0), text.erase(at, text.find('\n', at) - at));
  expect_refused(0, {cluster_.config(0).string() + ":1: data_dir: missing; add it"});
}

TEST_F(Refusals, ValueOutOfRange) {
  std::string text = read_text(cluster_.config(0));
  text.insert(text.find("[pacemaker]") + 11, "\nview_timeout_ms = 5");
  write_text(cluster_.config(0), text);
  expect_refused(0, {place(cluster_.config(0), "view_timeout_ms") +
                     "pacemaker.view_timeout_ms: 5 is out of range, 10 .. 600000"});
  set(1, "replica", "4");
  expect_refused(1, {setting(1, "replica"), "4 is not in the genesis file, which lists 0 .. 3"});
}

TEST_F(Refusals, FilesThatAreNotThere) {
  set(0, "genesis", "\"nowhere.toml\"");
  expect_refused(0, {setting(0, "genesis"), "nowhere.toml: cannot be read: No such file"});
  set(1, "cluster", "\"/\"");
  expect_refused(1, {setting(1, "cluster"), "cannot be read"});
}

TEST_F(Refusals, KeyFileThatOthersCanRead) {
  const fs::path key = cluster_.home(0) / "consensus.key";
  fs::permissions(key, fs::perms::others_read, fs::perm_options::add);
  expect_refused(0, {setting(0, "consensus_key_file"), "chmod 600 " + key.string()});
}

TEST_F(Refusals, KeyFileThatCannotBeRead) {
  fs::remove(cluster_.home(0) / "tls.key");
  expect_refused(0, {setting(0, "tls_key_file"), "tls.key", "waggle keygen"});
  fs::create_directory(cluster_.home(0) / "tls.key");
  expect_refused(0, {setting(0, "tls_key_file"), "not a regular file; name another"});
  set(1, "consensus_key_file", "\"tls.key\"");
  expect_refused(1, {setting(1, "consensus_key_file"), "holds a tls key, not a consensus key"});
}

TEST_F(Refusals, KeyOfAnotherReplica) {
  const fs::path key = cluster_.home(0) / "consensus.key";
  fs::remove(key);
  fs::copy_file(cluster_.home(1) / "consensus.key", key);
  expect_refused(0, {setting(0, "consensus_key_file"), key.string(), "replica 0"});
}

TEST_F(Refusals, DataOfAnotherReplica) {
  run_once(1);
  cluster_.wipe(0);
  fs::copy(cluster_.data(1), cluster_.data(0), fs::copy_options::recursive);
  expect_refused(0, {setting(0, "data_dir"), cluster_.data(0).string(), "belongs to replica 1",
                     "this is replica 0"});
}

TEST_F(Refusals, DataOfAnotherChain) {
  Cluster other;
  other.start(0);
  ASSERT_TRUE(other.await(seconds(20), [&] { return other.status(0).has_value(); }));
  other.kill(0);
  cluster_.wipe(0);
  fs::copy(other.data(0), cluster_.data(0), fs::copy_options::recursive);
  expect_refused(
      0, {setting(0, "data_dir"), cluster_.data(0).string(), "of chain", "this is replica 0"});
}

TEST_F(Refusals, DataThatIsGone) {
  run_once(0);
  cluster_.wipe(0);
  expect_refused(0, {cluster_.data(0).string(), "--rejoin"});
  fs::create_directory(cluster_.data(0));
  expect_refused(0, {cluster_.data(0).string(), "--rejoin"});
}

TEST_F(Refusals, DataInUse) {
  cluster_.start(0);
  ASSERT_TRUE(cluster_.await(seconds(20), [&] { return cluster_.status(0).has_value(); }));
  expect_refused(0, {setting(0, "data_dir"), cluster_.data(0).string(), "in use"});
}

TEST_F(Refusals, DataThatIsDamaged) {
  run_once(0);
  for (const auto& entry : fs::directory_iterator(cluster_.data(0) / "db")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) fs::resize_file(entry, 10);
  }
  expect_refused(0, {cluster_.data(0).string(), "--rejoin"});
}

// Once it stopped for safety it stays stopped: whatever made it stop is still there.
TEST_F(Refusals, DataOfAReplicaThatStoppedForSafety) {
  run_once(0);
  {
    auto opened = storage::open(cluster_.data(0), {cluster_.chain_id(), ReplicaId{0}},
                                storage::OpenMode::kNormal);
    ASSERT_TRUE(opened) << opened.error().message;
    storage::Batch batch;
    batch.put(storage::Family::kEvidence, to_bytes(smr::layout::kHaltedKey),
              to_bytes("two blocks of view 7 are certified"));
    ASSERT_TRUE((*opened)->write(batch, true));
  }
  const std::vector<std::string> words = {cluster_.data(0).string(), "stopped for safety",
                                          "two blocks of view 7 are certified",
                                          "do not start it again"};
  expect_refused(0, words);
  expect_refused(0, words, {"--rejoin"});
}

TEST_F(Refusals, DataThatIsTruncated) {
  run_once(0);
  for (const auto& entry : fs::directory_iterator(cluster_.data(0) / "db")) {
    if (entry.path().filename() == "CURRENT") fs::resize_file(entry, 0);
  }
  expect_refused(0, {setting(0, "data_dir"), cluster_.data(0).string()});
}

TEST_F(Refusals, PortInUse) {
  const config::TestnetPorts ports = cluster_.ports();
  const fs::path cluster_file = cluster_.folder() / "cluster.toml";
  const auto in_use = [&](std::uint16_t port, const std::string& at) {
    const PortHolder holder(port);
    ASSERT_TRUE(holder.held());
    expect_refused(1, {at, "cannot listen on 127.0.0.1:" + std::to_string(port),
                       "; choose another address or stop what uses it"});
  };
  // By default a replica listens where the others find it.
  in_use(ports.peer(1), place(cluster_file, "peer_address", 1) + "replica[1].peer_address: ");
  in_use(ports.client(1), place(cluster_file, "client_address", 1) + "replica[1].client_address: ");
  in_use(ports.metrics(1), setting(1, "metrics_listen"));
  const auto listen = [](const char* key, int port) {
    return std::string(key) + " = \"127.0.0.1:" + std::to_string(port) + "\"\n";
  };
  write_text(cluster_.config(1), listen("peer_listen", ports.peer(1)) +
                                     listen("client_listen", ports.client(1)) +
                                     read_text(cluster_.config(1)));
  in_use(ports.peer(1), setting(1, "peer_listen"));
  in_use(ports.client(1), setting(1, "client_listen"));
  run_once(1);  // and nothing of the failed attempts is in the way
}

}  // namespace
}  // namespace waggle::integration
