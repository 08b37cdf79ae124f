// Frozen bytes: what clients send and what replicas store and compare. A difference is a change
// of format and needs a new version of it. WAGGLE_REWRITE=1 writes the file anew.

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "crypto/sha256.hpp"
#include "smr/app/kv_command.hpp"
#include "smr/app/memory_state_store.hpp"
#include "smr/app/snapshot.hpp"
#include "tests/support/frozen.hpp"

namespace waggle::app {
namespace {

constexpr const char* kFile = WAGGLE_SOURCE_DIR "/tests/data/kv_vectors.txt";

class Lines {
 public:
  void add(std::string_view name, ByteView bytes) {
    text_ << name << " = " << to_hex(bytes) << '\n';
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
};

void add_commands(Lines& lines) {
  const Bytes key = to_bytes("key"), value = to_bytes("value"), none;
  lines.add("get", encode(KvGet{key}));
  lines.add("get empty key", encode(KvGet{none}));
  lines.add("put", encode(KvPut{key, value}));
  lines.add("put empty value", encode(KvPut{key, none}));
  lines.add("delete", encode(KvDelete{key}));
  lines.add("cas expecting absence", encode(KvCas{key, std::nullopt, value}));
  lines.add("cas expecting empty", encode(KvCas{key, none, value}));
  lines.add("cas expecting old", encode(KvCas{key, to_bytes("old"), value}));
  lines.add("increment 1", encode(KvIncrement{key, 1}));
  lines.add("increment -2", encode(KvIncrement{key, -2}));
  lines.add("scan", encode(KvScan{to_bytes("pre"), std::nullopt, 10}));
  lines.add("scan from prefix/5", encode(KvScan{to_bytes("pre"), to_bytes("prefix/5"), 4096}));
}

void add_results(Lines& lines) {
  lines.add("result ok", encode(KvResult{}));
  lines.add("result ok value", encode(KvResult{KvStatus::kOk, to_bytes("value")}));
  lines.add("result not_found", encode(KvResult{KvStatus::kNotFound}));
  lines.add("result mismatch, absent", encode(KvResult{KvStatus::kMismatch}));
  lines.add("result mismatch, other", encode(KvResult{KvStatus::kMismatch, to_bytes("other")}));
  lines.add("result not_a_number", encode(KvResult{KvStatus::kNotANumber}));
  lines.add("result overflow", encode(KvResult{KvStatus::kOverflow}));
  lines.add("result too_large", encode(KvResult{KvStatus::kTooLarge}));
  lines.add("result malformed", encode(KvResult{KvStatus::kMalformed}));
  lines.add("result not_a_read", encode(KvResult{KvStatus::kNotARead}));
  lines.add("result no_room", encode(KvResult{KvStatus::kNoRoom}));
  lines.add("result entries and more",
            encode(KvResult{KvStatus::kOk,
                            std::nullopt,
                            {{to_bytes("a"), to_bytes("1")}, {to_bytes("b"), {}}},
                            true}));
}

void add_state(Lines& lines) {
  const crypto::Sha256Hasher hasher;
  MemoryStateStore store(hasher);
  const auto snapshot = [&store] {
    Bytes bytes;
    write_snapshot(
        store, [&bytes](ByteView piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
    return bytes;
  };
  lines.add("snapshot of nothing", snapshot());
  store.put(as_bytes("key"), as_bytes("value"));
  lines.add("digest of key: value", store.digest().view());
  store.put(as_bytes("a"), {});
  lines.add("digest of a: nothing, key: value", store.digest().view());
  lines.add("snapshot of a: nothing, key: value", snapshot());
}

TEST(KvVectors, AreFrozen) {
  Lines lines;
  add_commands(lines);
  add_results(lines);
  add_state(lines);
  expect_frozen(kFile, lines.text());
}

}  // namespace
}  // namespace waggle::app
