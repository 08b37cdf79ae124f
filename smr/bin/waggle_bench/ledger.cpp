#include "smr/bin/waggle_bench/ledger.hpp"

#include <algorithm>

#include "smr/app/kv_command.hpp"
#include "smr/bin/waggle/cli.hpp"

namespace waggle::bench {
namespace {

/// FNV-1a: it need not withstand anybody.
std::uint64_t fingerprint(const Bytes& value) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : value) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

bool contains(const std::vector<std::uint64_t>& values, std::uint64_t value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

void Ledger::note(const std::vector<Bytes>& commands,
                  const std::vector<client::Outcome>& outcomes) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    auto command = app::decode_kv_command(commands[i]);
    auto* put = command ? std::get_if<app::KvPut>(&*command) : nullptr;
    if (put == nullptr) continue;
    const std::uint64_t value = fingerprint(put->value);
    if (const auto* done = std::get_if<client::Committed>(&outcomes.at(i))) {
      Known& known = keys_[std::move(put->key)];
      if (done->height < known.height) continue;
      if (done->height > known.height) known.puts.clear();
      known.height = done->height;
      known.puts.push_back(value);
    } else if (std::holds_alternative<client::Unknown>(outcomes.at(i))) {
      keys_[std::move(put->key)].perhaps.push_back(value);
    }
  }
}

Ledger::Verdict Ledger::compare(const Store& store) const {
  const std::lock_guard lock(mutex_);
  Verdict verdict;
  for (const auto& [key, known] : keys_) {
    if (known.puts.empty()) continue;
    ++verdict.keys;
    const auto found = store.find(key);
    if (found != store.end()) {
      const std::uint64_t value = fingerprint(found->second);
      if (contains(known.puts, value) || contains(known.perhaps, value)) continue;
    }
    if (verdict.lost++ == 0) verdict.first = std::string(as_text(key));
  }
  return verdict;
}

Ledger::Store read_store(client::Client& client, const std::string& prefix, Duration timeout) {
  Ledger::Store store;
  app::KvScan scan{to_bytes(prefix), std::nullopt, 1000};
  for (bool more = true; more;) {
    const client::Outcome outcome = client.execute(encode(app::KvCommand(scan)), timeout);
    const auto* done = std::get_if<client::Committed>(&outcome);
    const auto result = app::decode_kv_result(done != nullptr ? done->result : Bytes{});
    if (!result || result->status != app::KvStatus::kOk) {
      throw cli::Failure(cli::kRefused, "what was acknowledged cannot be read back");
    }
    for (const app::KvPair& pair : result->entries) store.emplace(pair.key, pair.value);
    more = result->more && !result->entries.empty();
    if (more) scan.start_after = result->entries.back().key;
  }
  return store;
}

}  // namespace waggle::bench
