#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "consensus/chained/record.hpp"
#include "smr/app/kv_store.hpp"
#include "smr/app/memory_state_store.hpp"
#include "smr/certificate/verify.hpp"
#include "smr/config/genesis.hpp"
#include "smr/median/record.hpp"
#include "smr/replica/layout.hpp"
#include "smr/replica/sessions.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/unit/core/sample_values.hpp"

namespace waggle::fuzz {
namespace {

/// Of the frozen proofs, from which mutation starts.
config::Genesis proofs_genesis() {
  std::ifstream file(WAGGLE_SOURCE_DIR "/tests/data/commit_proofs.json");
  const std::string hex = nlohmann::json::parse(file).at("genesis");
  const auto text = from_hex(hex);
  ENSURE(text.has_value());
  return *config::parse_genesis(as_text(*text), "proofs", sample_chain().hasher);
}

bool equal(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

void recode_view_proof(ByteView bytes) {
  Reader reader(bytes);
  const chained::ViewProof proof = chained::decode_view_proof(reader);
  if (!reader.done()) return;
  Writer writer;
  chained::encode(writer, proof);
  ENSURE(equal(writer.bytes(), bytes));
}

void restore(ByteView bytes) {
  const crypto::Sha256Hasher& hasher = sample_chain().hasher;
  app::MemoryStateStore store(hasher);
  const auto source = [&bytes](std::span<std::uint8_t> room) {
    const std::size_t size = std::min<std::size_t>({room.size(), bytes.size(), 7});
    std::copy_n(bytes.begin(), size, room.begin());
    bytes = bytes.subspan(size);
    return size;
  };
  const ByteView whole = bytes;
  if (!app::read_snapshot(source, store)) return;
  Bytes again;
  app::write_snapshot(
      store, [&](ByteView piece) { again.insert(again.end(), piece.begin(), piece.end()); });
  ENSURE(equal(again, whole), "equal states have equal bytes");
}

void load_sessions(Input input) {
  const auto take = [&input](std::size_t size) {
    Bytes bytes;
    while (size-- > 0) bytes.push_back(input.byte());
    return bytes;
  };
  const Bytes globals = take(input.below(64));
  std::vector<smr::SessionRow> rows;
  while (!input.empty() && rows.size() < 8) {
    smr::SessionRow row;
    row.client.bytes[0] = input.byte();
    row.value = take(input.byte());
    rows.push_back(std::move(row));
  }
  auto sessions = smr::Sessions::load(4, sample_chain().hasher, globals, rows);
  if (!sessions) return;
  ENSURE(sessions->size() == rows.size());
  for (const smr::SessionRow& row : rows) {
    const std::uint64_t next = sessions->next_number(row.client);
    ENSURE(sessions->check(row.client, next) == smr::Decision::kExecute);
  }
}

/// Rows of a server of the median rule, each a key and a value with their lengths.
void load_median(ByteView bytes) {
  constexpr std::uint32_t kServers = 4;
  median::Rows rows;
  Reader reader(bytes);
  while (reader.remaining() > 0 && reader.ok()) {
    const ByteView key = reader.sized();
    const ByteView value = reader.sized();
    rows.push_back({Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end())});
  }
  if (!reader.ok()) return;
  median::CommandTable table;
  const median::Hashing hashing{&table, &sample_chain().hasher};
  const auto read = median::decode_rows(rows, kServers, Limits{}, hashing, table);
  if (!read) return;
  const median::SealingRecord& record = read->sealing;
  std::map<Bytes, Bytes> written{{median::final_key(), median::encode_final(*record.final)},
                                 {median::lock_key(), median::encode_lock(record.lock, table)},
                                 {median::commits_key(), median::encode_commits(record.commits)}};
  if (record.last_pre) written[median::pre_key()] = median::encode_pre(*record.last_pre, table);
  if (record.rejoin) written[median::rejoin_key()] = median::encode_rejoin(*record.rejoin);
  for (const auto& [window, certificate] : record.certificates) {
    written[median::certificate_key(window)] = median::encode_certificate(*certificate, table);
  }
  for (const median::Content& content : read->contents) {
    written[median::content_key(content.command.digest)] = *content.request;
  }
  for (const median::SealedEntry& entry : read->sealed) {
    written[median::sealed_key(entry.position)] = median::encode_sealed(entry);
  }
  // Of a final prefix that has grown since, the rows are an older one, the entries and the seal.
  const bool grown = read->final_written < record.final->length;
  if (record.final->seal) written[median::seal_key()] = median::encode_seal(*record.final->seal);
  for (const median::Row& row : rows) {
    if (grown ? row.key == median::final_key() : row.key == median::seal_key()) continue;
    ENSURE(written.at(row.key) == *row.value, "one row has one encoding");
  }
}

}  // namespace

void canonical(ByteView input) {
  Input choice(input);
  const std::size_t kind = choice.below(codecs().size() + 1);
  if (kind == codecs().size()) return recode_view_proof(choice.rest());
  const auto read = codecs()[kind].recode(choice.rest());
  ENSURE(!read || equal(*read, choice.rest()), "one value has one encoding");
}

void commit_proof(ByteView input) {
  static const config::Genesis genesis = proofs_genesis();
  const SampleChain& chain = sample_chain();
  const auto decoded = certificate::decode_commit_proof(input);
  if (decoded) ENSURE(equal(certificate::encode(*decoded), input), "one proof has one encoding");
  const auto proven = certificate::verify(input, *genesis.chain, chain.verifier, chain.hasher);
  ENSURE(!proven || decoded.has_value());
}

void kv(ByteView input) {
  const app::KvStore machine;
  app::MemoryStateStore store(sample_chain().hasher);
  if (const auto result = app::decode_kv_result(input)) {
    ENSURE(equal(app::encode(*result), input));
  }
  Input commands(input);
  for (std::uint64_t number = 1; !commands.empty(); ++number) {
    const std::size_t wanted = commands.byte();
    const std::size_t size = std::min(wanted, commands.rest().size());
    const ByteView command = commands.rest().first(size);
    commands = Input(commands.rest().subspan(size));
    if (const auto read = app::decode_kv_command(command)) {
      ENSURE(equal(app::encode(*read), command));
    }
    const Bytes answer = machine.apply({{}, number, Height{1}, View{1}}, command, store);
    ENSURE(app::decode_kv_result(answer).has_value(), "an answer can be read");
    ENSURE(app::decode_kv_result(machine.query(command, store)).has_value());
  }
  Bytes snapshot;
  app::write_snapshot(
      store, [&](ByteView piece) { snapshot.insert(snapshot.end(), piece.begin(), piece.end()); });
  restore(snapshot);
}

void stored(ByteView input) {
  const SampleChain& chain = sample_chain();
  Input choice(input);
  const std::size_t kind = choice.below(8);
  const ByteView row = choice.rest();
  if (kind == 0) {
    const auto record = chained::decode_record(row);
    ENSURE(!record || equal(chained::encode_record(*record), row));
  } else if (kind == 1) {
    const auto executed = smr::layout::decode_executed(row);
    ENSURE(!executed || equal(smr::layout::encode(*executed), row));
  } else if (kind == 2) {
    (void)smr::layout::decode_committed(Height{7}, row);
  } else if (kind == 3) {
    constexpr std::size_t kKeySize = 44;
    const ByteView key = row.first(std::min(row.size(), kKeySize));
    const ByteView value = row.subspan(key.size());
    const auto results = smr::layout::decode_results(key, value);
    ENSURE(!results || equal(smr::layout::encode(results->stored), value));
  } else if (kind == 4) {
    (void)smr::layout::decode_block(row, chain.config, chain.hasher);
  } else if (kind == 5) {
    restore(row);
  } else if (kind == 7) {
    load_median(row);
  } else {
    load_sessions(choice);
  }
}

}  // namespace waggle::fuzz
