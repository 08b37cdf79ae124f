// Writes the seeds of the corpus: for each target a few inputs that get far into what it tests,
// from which mutation starts. The same every time. What fuzzing found lies beside them, as it was.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include <nlohmann/json.hpp>

#include "consensus/chained/record.hpp"
#include "crypto/key_file.hpp"
#include "crypto/tls_binding.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/app/memory_state_store.hpp"
#include "smr/replica/layout.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/median_network.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/median/samples.hpp"
#include "tests/unit/net/codec_samples.hpp"

namespace waggle::fuzz {
namespace {

namespace fs = std::filesystem;

class Corpus {
 public:
  explicit Corpus(fs::path folder) : folder_(std::move(folder)) {}
  void add(const std::string& target, const std::string& name, ByteView bytes) const {
    fs::create_directories(folder_ / target);
    std::ofstream file(folder_ / target / ("seed-" + name), std::ios::binary);
    file << as_text(bytes);
    if (!file) throw std::runtime_error("cannot write " + (folder_ / target / name).string());
  }
  void add(const std::string& target, const std::string& name, std::uint8_t kind,
           ByteView bytes) const {
    Bytes all{kind};
    all.insert(all.end(), bytes.begin(), bytes.end());
    add(target, name, all);
  }

 private:
  const fs::path folder_;
};

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

void add_canonical(const Corpus& corpus) {
  const std::vector<Codec>& all = codecs();
  for (std::uint8_t kind = 0; kind < all.size(); ++kind) {
    Draw draw(kind);
    corpus.add("canonical", all[kind].name, kind, all[kind].sample(draw));
  }
  Writer proof;
  chained::encode(proof, chained::ViewProof{sample_chain().tc_3});
  corpus.add("canonical", "ViewProof", static_cast<std::uint8_t>(all.size()), proof.bytes());
}

void add_frames(const Corpus& corpus) {
  for (const net::WireKind& kind : net::wire_kinds()) {
    Draw draw(1);
    corpus.add("frames", kind.name, net::wire_bytes(kind.sample(draw)));
  }
}

/// Messages that are valid, from the replica that may send them.
void add_validate(const Corpus& corpus) {
  const SampleChain& chain = sample_chain();
  const auto add = [&](const std::string& name, std::uint32_t as, chained::Message message) {
    const auto made = chained::sign(std::move(message), chain.replicas[as], chain.config);
    corpus.add("validate", name, net::wire_bytes(net::encode_peer(made)));
  };
  const Tip tip = chain.block_b->tip();
  const std::uint32_t leader = chain.block_c->header.proposer.value;
  add("Proposal", leader, chained::Proposal{chain.block_c});
  add("Vote", 1, chained::Vote{View{2}, chain.block_b->id, ReplicaId{1}, {}});
  Timeout timeout = chain.timeout(2, View{3}, tip);
  timeout.high_qc = chain.qc_a->ref();
  timeout.full_qc = chain.qc_a;
  add("Timeout", 2, chained::TimeoutMessage{timeout});
  add("Qc", 0, chained::Certificate{{chain.qc_a}});
  add("Tc", 0, chained::Certificate{{chain.tc_3}});
  add("Timeouts", 0,
      chained::Certificate{{std::vector<Timeout>{chain.timeout(0, View{3}, tip), timeout}}});
  add("Heartbeat", 0, chained::Heartbeat{chain.qc_a});
  add("BranchRequest", 0, chained::BranchRequest{chain.block_b->id, Height{0}, 3});
  Forest behind_a;
  behind_a.append(chain.block_a->payload->leaves(), chain.hasher);
  add("Branch", 0,
      chained::Branch{
          chain.block_b->id, {{chain.block_a, Forest{}}, {chain.block_b, behind_a}}, nullptr});
  add("RejoinChallenge", 3, chained::RejoinChallenge{ReplicaId{3}, {}, {}});
  chained::RejoinReport report;
  report.reporter = ReplicaId{1};
  report.rejoiner = ReplicaId{3};
  report.bound = View{2};
  report.justification = {chain.qc_a};
  add("RejoinReport", 1, report);
}

void add_median_messages(const Corpus& corpus) {
  const testing::MedianSamples samples(sim::Signatures::kEd25519);
  for (const median::Message& message : samples.messages()) {
    corpus.add("median_messages", std::string(kind_of(message)), encode(message));
  }
}

Bytes some_commands() {
  using namespace app;
  const std::vector<KvCommand> commands = {KvPut{to_bytes("a"), to_bytes("1")},
                                           KvIncrement{to_bytes("a"), 41},
                                           KvGet{to_bytes("a")},
                                           KvCas{to_bytes("a"), to_bytes("42"), to_bytes("b")},
                                           KvScan{to_bytes(""), {}, 10},
                                           KvDelete{to_bytes("a")}};
  Bytes bytes;
  for (const KvCommand& command : commands) {
    const Bytes one = encode(command);
    bytes.push_back(static_cast<std::uint8_t>(one.size()));
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

/// What a server of the median rule has on its disk in the middle of sealing.
Bytes median_rows() {
  test::MedianNetwork network({.n = 4, .T = 2, .B = 4});
  std::map<Bytes, Bytes> richest;
  for (std::uint32_t round = 0; round < 24; ++round) {
    if (round % 6 == 0) network.submit(0, network.command(1, 1 + round / 6));
    network.round(round % 3 == 0 ? std::set<std::uint32_t>{3} : std::set<std::uint32_t>{});
    if (network.disk(0).size() > richest.size()) richest = network.disk(0);
  }
  Writer writer;
  for (const auto& [key, value] : richest) writer.sized(key).sized(value);
  return writer.take();
}

void add_stored(const Corpus& corpus) {
  const SampleChain& chain = sample_chain();
  chained::SafetyRecord record;
  record.tip = chain.block_b->tip();
  record.high_qc = chain.qc_a;
  record.entry = {chain.tc_3};
  corpus.add("stored", "record", 0, chained::encode_record(record));
  corpus.add("stored", "executed", 1, smr::layout::encode(smr::Executed{}));
  corpus.add("stored", "committed", 2,
             smr::layout::encode_committed(chain.block_a->id, View{1}, 2));
  Bytes results = smr::layout::results_key(ClientId{}, 8, 2);
  const Bytes results_value = smr::layout::encode(
      smr::layout::StoredResults{View{1}, Height{1}, {}, {Bytes{1, 2}, Bytes{}}});
  results.insert(results.end(), results_value.begin(), results_value.end());
  corpus.add("stored", "result", 3, results);
  Writer block;
  const Bytes body = chain.encoded(*chain.block_a);
  block.sized(body);
  Forest{}.encode(block);
  block.raw(*chain.block_a->payload->bytes());
  corpus.add("stored", "block", 4, block.bytes());
  app::MemoryStateStore store(chain.hasher);
  store.put(to_bytes("a"), to_bytes("1"));
  store.put(to_bytes("b"), to_bytes("2"));
  Bytes snapshot;
  app::write_snapshot(
      store, [&](ByteView piece) { snapshot.insert(snapshot.end(), piece.begin(), piece.end()); });
  corpus.add("stored", "snapshot", 5, snapshot);
  smr::Sessions sessions(4, chain.hasher);
  sessions.admit(ClientId{}, 1);
  sessions.admit(ClientId{}, 3);
  corpus.add("stored", "median", 7, median_rows());
  const smr::SessionChanges changes = sessions.take_changes();
  Bytes rows{static_cast<std::uint8_t>(changes.globals.size())};
  rows.insert(rows.end(), changes.globals.begin(), changes.globals.end());
  for (const smr::SessionRow& row : changes.rows) {
    rows.push_back(row.client.bytes[0]);
    rows.push_back(static_cast<std::uint8_t>(row.value.size()));
    rows.insert(rows.end(), row.value.begin(), row.value.end());
  }
  corpus.add("stored", "sessions", 6, rows);
}

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string genesis_text() {
  std::string text = R"([chain]
name = "seed"
protocol = "pbeegees"
digest = "sha256"
[limits]
payload_bytes_max = 1048576
request_bytes_max = 262144
commands_max = 1024
command_bytes_max = 65536
[consensus]
leader_schedule = "round-robin"
depth_max = 1
[clients]
allow = "any"
sessions_max = 1024
)";
  for (const PublicKey& key : sample_chain().config.replica_keys) {
    text += "[[replica]]\nconsensus_key = \"" + to_hex(key.view()) + "\"\n";
  }
  return text;
}

std::string cluster_text() {
  const SampleChain& chain = sample_chain();
  std::string text = "chain = \"" + to_hex(chain.config.chain_id.view()) + "\"\n";
  for (std::uint32_t i = 0; i < SampleChain::kReplicas; ++i) {
    const PublicKey& tls = chain.client.public_key();
    const Signature binding =
        crypto::sign_tls_binding(chain.replicas[i], chain.config.chain_id, ReplicaId{i}, tls);
    text += "[[replica]]\nid = " + std::to_string(i) +
            "\npeer_address = \"10.0.0.1:1\"\nclient_address = \"[::1]:2\"\ntls_key = \"" +
            to_hex(tls.view()) + "\"\ntls_binding = \"" + to_hex(binding.view()) + "\"\n";
  }
  return text;
}

void add_files(const Corpus& corpus) {
  corpus.add("config", "genesis", 0, as_bytes(genesis_text()));
  corpus.add("config", "cluster", 1, as_bytes(cluster_text()));
  corpus.add("config", "replica", 2, as_bytes(R"(genesis = "g.toml"
cluster = "c.toml"
replica = 2
consensus_key_file = "c.key"
tls_key_file = "t.key"
data_dir = "data"
peer_listen = "0.0.0.0:1"
client_listen = "[::]:2"
verify_threads = 3
[log]
level = "debug"
format = "json"
[pacemaker]
view_timeout_ms = 20
timeout_max_ms = 30
[mempool]
bytes_max = 2000
client_bytes_max = 4000
)"));
  const fs::path root = WAGGLE_SOURCE_DIR;
  for (const char* name : {"hollow_chain_pbeegees", "large_cluster", "narrow_links", "noise",
                           "blocked_leaders", "clocks", "one_way_cuts", "bit_rot"}) {
    const std::string text = read(root / "sim/scenarios" / (std::string(name) + ".toml"));
    corpus.add("scenario", name, as_bytes(text));
  }
  corpus.add("scenario", "plan", as_bytes(read(root / "sim/scenarios/planted/babble.toml")));
  const TempFolder folder;
  const fs::path key = folder / "key";
  const auto keys = crypto::KeyPair::from_seed(seed_of(7));
  for (const auto kind :
       {crypto::KeyKind::kConsensus, crypto::KeyKind::kTls, crypto::KeyKind::kClient}) {
    fs::remove(key);
    if (!crypto::write_key_file(key, kind, keys)) throw std::runtime_error("no key file");
    corpus.add("key_file", std::string(to_string(kind)), as_bytes(read(key)));
  }
  fs::remove(key);
  std::ifstream vectors(root / "tests/data/commit_proofs.json");
  const nlohmann::json frozen = nlohmann::json::parse(vectors);
  for (const auto& vector : frozen.at("proofs")) {
    const auto proof = from_hex(vector.at("proof").get<std::string>());
    if (proof && vector.at("valid")) corpus.add("commit_proof", vector.at("name"), *proof);
  }
}

void add_all(const Corpus& corpus) {
  add_files(corpus);
  add_canonical(corpus);
  add_frames(corpus);
  add_validate(corpus);
  add_median_messages(corpus);
  add_stored(corpus);
  corpus.add("kv", "commands", some_commands());
  corpus.add("kv", "result",
             app::encode(app::KvResult{app::KvStatus::kOk, to_bytes("1"), {{{}, {}}}, true}));
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    corpus.add("core_step", std::to_string(seed), random_bytes(100 << (seed / 2), seed));
    corpus.add("median_step", std::to_string(seed), random_bytes(50 << (seed / 2), seed));
  }
}

}  // namespace
}  // namespace waggle::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  waggle::fuzz::add_all(waggle::fuzz::Corpus(argv[1]));
  return 0;
}
