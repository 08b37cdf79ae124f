#include "smr/median/record.hpp"

#include <algorithm>

#include "consensus/core/ensure.hpp"
#include "smr/median/translation.hpp"

namespace waggle::median {
namespace {

enum Kind : std::uint8_t {
  kFinal = 1,
  kLock,
  kPre,
  kCommits,
  kRejoin,
  kCertificate,
  kContent,
  kSealed,
  kSeal,
};

Bytes key_of(Kind kind) { return {kind}; }

Bytes key_of(Kind kind, std::uint64_t number) {
  Bytes key{kind};  // big-endian: keys rise with the number
  for (int shift = 56; shift >= 0; shift -= 8) {
    key.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  return key;
}

constexpr std::size_t kNamedSize = ClientId::kSize + 8 + 1;
constexpr std::size_t kCommitSize = 4 + 8 + 8 + Digest::kSize + Signature::kSize;
constexpr std::size_t kPreSize = 4 + 8 + 8 + Digest::kSize + 4 + Signature::kSize;

template <class Items>
void put(Writer& writer, const Items& items) {
  writer.u32(static_cast<std::uint32_t>(items.size()));
  for (const auto& item : items) encode(writer, item);
}

std::vector<Commit> get_commits(Reader& reader) {
  std::vector<Commit> commits;
  for (std::uint32_t i = reader.count(kCommitSize); i > 0 && reader.ok(); --i) {
    commits.push_back(decode_commit(reader));
  }
  return commits;
}

/// Nothing, if there are no COMMITs.
SealPtr get_seal(Reader& reader, std::uint32_t quorum) {
  const std::vector<Commit> commits = get_commits(reader);
  if (commits.empty()) return nullptr;
  auto seal = Seal::make(commits, quorum);
  if (!seal || (*seal)->commits() != commits) return reader.fail(), nullptr;
  return *seal;
}

FinalPtr decode_final(Reader& reader, std::uint32_t quorum, const Hasher& hasher) {
  FinalPrefix final;
  final.chain = reader.fixed<Digest>();
  final.chains = certificate::ServerChains::decode(reader, hasher);
  final.length = final.chains.count();
  final.seal = get_seal(reader, quorum);
  if (final.length != (final.seal ? final.seal->length() : 0)) reader.fail();
  return std::make_shared<const FinalPrefix>(std::move(final));
}

/// Reads what the rows of one server say, one after the other.
class RowReader {
 public:
  RowReader(std::uint32_t n, const Limits& limits, const Hashing& hashing, CommandTable& table)
      : quorum_(n / 2 + 1), limits_(limits), hashing_(hashing), table_(table) {}

  bool read(const Row& row) {
    if (row.key.empty() || !row.value) return false;
    Reader reader(*row.value);
    const Bytes key = read_value(static_cast<Kind>(row.key.front()), reader);
    return reader.done() && key == row.key;
  }

  /// All of it, if it fits together.
  std::optional<RecoveredRows> take() {
    if (!grow_final()) return std::nullopt;
    for (const LockEntry& entry : rows_.sealing.lock.entries()) {
      if (!rows_.sealing.certificates.contains(entry.mark)) return std::nullopt;
    }
    return std::move(rows_);
  }

 private:
  /// The key under which the value belongs; on failure anything.
  Bytes read_value(Kind kind, Reader& reader) {
    switch (kind) {
      case kFinal:
        rows_.sealing.final = decode_final(reader, quorum_, *hashing_.hasher);
        return final_key();
      case kLock: return read_lock(reader), lock_key();
      case kPre:
        rows_.sealing.last_pre = from_signed(decode_pre(reader), hashing_, table_);
        return pre_key();
      case kCommits:
        for (const Commit& commit : get_commits(reader)) {
          rows_.sealing.commits[commit.window] = commit;
        }
        return commits_key();
      case kRejoin: rows_.sealing.rejoin = reader.u64(); return rejoin_key();
      case kCertificate: return read_certificate(reader);
      case kContent: return read_content_row(reader);
      case kSealed: return read_sealed(reader);
      case kSeal: seal_ = get_seal(reader, quorum_); return seal_key();
    }
    reader.fail();
    return {};
  }

  /// From the one that was written whole to the end of what was sealed since.
  bool grow_final() {
    FinalPtr& final = rows_.sealing.final;
    rows_.final_written = final->length;
    const std::vector<SealedEntry>& sealed = rows_.sealed;
    for (std::size_t i = 1; i < sealed.size(); ++i) {
      if (sealed[i].position != sealed[i - 1].position + 1) return false;
    }
    const std::uint64_t end = sealed.empty() ? final->length : sealed.back().position + 1;
    if (end == final->length) return true;
    if (end < final->length || sealed.front().position > final->length || !seal_) return false;
    const auto rest = std::span(sealed).last(end - final->length);
    final = extend_final(*final, rest, seal_, *hashing_.hasher);
    return seal_->length() == end && seal_->root() == final->root(*hashing_.hasher);
  }

  void read_lock(Reader& reader) {
    std::vector<LockEntry> entries;
    for (std::uint32_t i = reader.count(kNamedSize + 8); i > 0 && reader.ok(); --i) {
      const Named named = decode_named(reader);
      entries.push_back({intern(named, table_), reader.u64()});
    }
    rows_.sealing.lock = Lock(std::move(entries));
  }

  Bytes read_certificate(Reader& reader) {
    std::vector<SignedPre> pres;
    for (std::uint32_t i = reader.count(kPreSize); i > 0 && reader.ok(); --i) {
      const std::uint32_t shared = reader.u32();
      SignedPre pre = decode_pre(reader);
      const std::vector<Named> first = pres.empty() ? std::vector<Named>{} : pres.front().entries;
      if (shared > first.size()) return reader.fail(), Bytes{};
      const bool shares_more =
          shared < first.size() && !pre.entries.empty() && pre.entries.front() == first[shared];
      if (shares_more) return reader.fail(), Bytes{};
      pre.entries.insert(pre.entries.begin(), first.begin(), first.begin() + shared);
      pres.push_back(std::move(pre));
    }
    auto made = PreCertificate::make(from_signed(pres, hashing_, table_), quorum_);
    if (!made) return reader.fail(), Bytes{};
    const Window window = (*made)->window();
    rows_.sealing.certificates[window] = std::move(*made);
    return certificate_key(window);
  }

  Bytes read_content_row(Reader& reader) {
    const SharedBytes request = get_request(reader);
    auto content = read_content(request, limits_, *hashing_.hasher);
    if (!content) return reader.fail(), Bytes{};
    rows_.contents.push_back(std::move(*content));
    return content_key(rows_.contents.back().command.digest);
  }

  Bytes read_sealed(Reader& reader) {
    SealedEntry sealed;
    sealed.position = reader.u64();
    sealed.applies = reader.flag();
    sealed.entry = decode_named(reader);
    if (sealed.entry.digest) {
      const Named& named = sealed.entry;
      sealed.request = get_request(reader);
      const auto content = read_content(sealed.request, limits_, *hashing_.hasher);
      const bool fits =
          content && content->command == Command{named.client, named.number, *named.digest};
      if (!fits) return reader.fail(), Bytes{};
    }
    rows_.sealed.push_back(std::move(sealed));
    return sealed_key(rows_.sealed.back().position);
  }

  static SharedBytes get_request(Reader& reader) {
    const ByteView rest = reader.raw(reader.remaining());
    return std::make_shared<const Bytes>(rest.begin(), rest.end());
  }

  std::uint32_t quorum_;
  const Limits& limits_;
  const Hashing& hashing_;
  CommandTable& table_;
  RecoveredRows rows_;
  SealPtr seal_;
};

}  // namespace

FinalPtr extend_final(const FinalPrefix& base, std::span<const SealedEntry> entries, SealPtr seal,
                      const Hasher& hasher) {
  FinalPrefix final = base;
  for (const SealedEntry& sealed : entries) {
    const Named& entry = sealed.entry;
    final.chain = extend_chain(final.chain, entry, hasher);
    final.chains.append(entry.client, entry.number, entry.digest, hasher);
    ++final.length;
  }
  final.seal = std::move(seal);
  return std::make_shared<const FinalPrefix>(std::move(final));
}

Bytes final_key() { return key_of(kFinal); }
Bytes lock_key() { return key_of(kLock); }
Bytes pre_key() { return key_of(kPre); }
Bytes commits_key() { return key_of(kCommits); }
Bytes rejoin_key() { return key_of(kRejoin); }
Bytes certificate_key(Window window) { return key_of(kCertificate, window); }
Bytes sealed_key(std::uint64_t position) { return key_of(kSealed, position); }
Bytes seal_key() { return key_of(kSeal); }
Bytes content_key(const Digest& leaf) {
  Bytes key{kContent};
  key.insert(key.end(), leaf.bytes.begin(), leaf.bytes.end());
  return key;
}

Bytes encode_final(const FinalPrefix& final) {
  Writer writer;
  writer.fixed(final.chain);
  final.chains.encode(writer);
  put(writer, final.seal ? final.seal->commits() : std::vector<Commit>{});
  return writer.take();
}

Bytes encode_lock(const Lock& lock, const CommandTable& table) {
  Writer writer;
  writer.u32(static_cast<std::uint32_t>(lock.entries().size()));
  for (const LockEntry& entry : lock.entries()) {
    encode(writer, name_of(entry.handle, table));
    writer.u64(entry.mark);
  }
  return writer.take();
}

Bytes encode_pre(const Pre& pre, const CommandTable& table) {
  Writer writer;
  encode(writer, to_signed(pre, table));
  return writer.take();
}

Bytes encode_commits(const std::map<Window, Commit>& commits) {
  Writer writer;
  writer.u32(static_cast<std::uint32_t>(commits.size()));
  for (const auto& [window, commit] : commits) encode(writer, commit);
  return writer.take();
}

Bytes encode_seal(const Seal& seal) {
  Writer writer;
  put(writer, seal.commits());
  return writer.take();
}

Bytes encode_rejoin(Window window) { return Writer().u64(window).take(); }

/// Of each PRE how many entries are those that the first begins with, and the rest: mostly none.
Bytes encode_certificate(const PreCertificate& certificate, const CommandTable& table) {
  Writer writer;
  writer.u32(static_cast<std::uint32_t>(certificate.pres().size()));
  const Pre& first = *certificate.pres().front();
  for (const PrePtr& pre : certificate.pres()) {
    const auto [end, unused] = std::mismatch(pre->entries.begin(), pre->entries.end(),
                                             first.entries.begin(), first.entries.end());
    const std::ptrdiff_t shared = pre.get() == &first ? 0 : end - pre->entries.begin();
    SignedPre rest = to_signed(*pre, table);
    rest.entries.erase(rest.entries.begin(), rest.entries.begin() + shared);
    writer.u32(static_cast<std::uint32_t>(shared));
    encode(writer, rest);
  }
  return writer.take();
}

Bytes encode_sealed(const SealedEntry& entry) {
  Writer writer;
  writer.u64(entry.position).u8(entry.applies ? 1 : 0);
  encode(writer, entry.entry);
  if (entry.request) writer.raw(*entry.request);
  return writer.take();
}

Result<RecoveredRows, Refusal> decode_rows(const std::vector<Row>& rows, std::uint32_t n,
                                           const Limits& limits, const Hashing& hashing,
                                           CommandTable& table) {
  RowReader reader(n, limits, hashing, table);
  for (const Row& row : rows) {
    if (!reader.read(row)) return Unexpected{Refusal::kMalformed};
  }
  std::optional<RecoveredRows> result = reader.take();
  if (!result) return Unexpected{Refusal::kMalformed};
  return std::move(*result);
}

}  // namespace waggle::median
