#include "smr/median/messages.hpp"

#include <array>

#include "consensus/core/domain.hpp"
#include "smr/certificate/sealed_proof.hpp"

namespace waggle::median {
namespace {

constexpr std::size_t kWordSize = sizeof(std::uint64_t);
constexpr std::size_t kCountSize = sizeof(std::uint32_t);
constexpr std::size_t kNamedSizeMin = ClientId::kSize + kWordSize + 1;
constexpr std::size_t kStampedSizeMin = kNamedSizeMin + kWordSize;
constexpr std::size_t kPreSizeMin =
    kCountSize + 2 * kWordSize + Digest::kSize + kCountSize + Signature::kSize;
constexpr std::size_t kCommitSize = kCountSize + 2 * kWordSize + Digest::kSize + Signature::kSize;
/// Of anything that has a count or size in front.
constexpr std::size_t kSizedMin = kCountSize;

constexpr std::array<std::string_view, std::variant_size_v<Message>> kKinds{
    "log_request", "log_reply",     "append",      "signed_pre", "commit",     "content_request",
    "contents",    "final_request", "final_reply", "pre_head",   "pre_request"};

template <class T, class Each>
void encode_list(Writer& writer, const std::vector<T>& items, Each each) {
  writer.u32(static_cast<std::uint32_t>(items.size()));
  for (const T& item : items) each(item);
}

template <class T>
void encode_list(Writer& writer, const std::vector<T>& items) {
  encode_list(writer, items, [&writer](const T& item) { encode(writer, item); });
}

void encode_words(Writer& writer, const std::vector<std::uint64_t>& words) {
  encode_list(writer, words, [&writer](std::uint64_t word) { writer.u64(word); });
}

struct Encoder {
  Writer& writer;

  void operator()(const LogRequest& m) const {
    writer.u64(m.round).u64(m.final_length).u64(m.entries);
    encode_words(writer, m.marks);
    writer.u64(m.window);
    encode_words(writer, m.pres);
    writer.u64(m.commits).u64(m.lock).u8(m.rejoining ? 1 : 0);
  }
  void operator()(const LogReply& m) const {
    writer.u64(m.round).u64(m.final_length).u64(m.shared);
    encode_list(writer, m.entries, [this](const StampedNamed& stamped) {
      encode(writer, stamped.entry);
      writer.u64(stamped.stamp);
    });
    encode_list(writer, m.pres);
    encode_list(writer, m.commits);
    encode_list(writer, m.certificates,
                [this](const std::vector<SignedPre>& pres) { encode_list(writer, pres); });
    writer.u64(m.last_pre);
  }
  void operator()(const Append& m) const {
    writer.u64(m.round);
    encode_list(writer, m.commands, [this](const StampedContent& command) {
      writer.sized(*command.content.request).u64(command.stamp);
    });
  }
  void operator()(const SignedPre& m) const { encode(writer, m); }
  void operator()(const PreHead& m) const { encode(writer, m); }
  void operator()(const PreRequest& m) const { writer.u64(m.window); }
  void operator()(const Commit& m) const { encode(writer, m); }
  void operator()(const ContentRequest& m) const {
    encode_list(writer, m.digests, [this](const Digest& digest) { writer.fixed(digest); });
  }
  void operator()(const Contents& m) const {
    encode_list(writer, m.commands,
                [this](const Content& content) { writer.sized(*content.request); });
  }
  void operator()(const FinalRequest& m) const { writer.u64(m.from); }
  void operator()(const FinalReply& m) const {
    writer.u64(m.from);
    encode_list(writer, m.entries, [this](const FinalEntry& entry) {
      encode(writer, entry.entry);
      if (entry.request) writer.sized(*entry.request);
    });
    encode_list(writer, m.seal);
  }
};

/// Reads one message. What is wrong is noted, so that each field is read in a line of its own:
/// bytes that nobody would have written in the reader, what is above a bound here.
struct Decoder {
  Reader& reader;
  const Limits& limits;
  const Hasher& hasher;
  Refusal refusal = Refusal::kMalformed;

  void refuse(Refusal reason) {
    if (reader.ok()) refusal = reason;
    reader.fail();
  }

  template <class Item>
  auto list(std::size_t item_size, std::size_t count_max, Item item) {
    std::vector<decltype(item())> items;
    const std::uint32_t count = reader.count(item_size);
    if (count > count_max) return refuse(Refusal::kTooLarge), items;
    items.reserve(count);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) items.push_back(item());
    return items;
  }

  std::vector<std::uint64_t> words(std::size_t count_max) {
    return list(kWordSize, count_max, [this] { return reader.u64(); });
  }

  /// A round, a stamp, or a window, of which there are no more than rounds.
  std::uint64_t round() {
    const std::uint64_t value = reader.u64();
    if (value >= kRoundEnd) refuse(Refusal::kTooLarge);
    return value;
  }

  /// A length of the final prefix or a position in it: a forest has no more leaves.
  std::uint64_t length() {
    const std::uint64_t value = reader.u64();
    if (value >= std::uint64_t{1} << 63) refuse(Refusal::kTooLarge);
    return value;
  }

  StampedNamed stamped() {
    Named entry = decode_named(reader);
    return {std::move(entry), round()};
  }

  SignedPre pre() {
    SignedPre result = decode_pre(reader);
    const bool large = result.window >= kRoundEnd || result.base >= std::uint64_t{1} << 63 ||
                       result.entries.size() > kLogEntriesMax;
    if (large) refuse(Refusal::kTooLarge);
    return result;
  }

  PreHead pre_head() {
    PreHead result = decode_pre_head(reader);
    const bool large = result.window >= kRoundEnd || result.base >= std::uint64_t{1} << 63 ||
                       result.length < result.base || result.length - result.base > kLogEntriesMax;
    if (large) refuse(Refusal::kTooLarge);
    return result;
  }

  Commit commit() {
    Commit result = decode_commit(reader);
    const bool large = result.window >= kRoundEnd || result.length >= std::uint64_t{1} << 63;
    if (large) refuse(Refusal::kTooLarge);
    return result;
  }

  std::vector<SignedPre> pres() {
    return list(kPreSizeMin, 64 * kServerWordsMax, [this] { return pre(); });
  }
  std::vector<Commit> commits() {
    return list(kCommitSize, 64 * kServerWordsMax, [this] { return commit(); });
  }

  Content content() {
    const ByteView bytes = reader.sized();
    if (!reader.ok()) return {};
    auto result =
        read_content(std::make_shared<const Bytes>(bytes.begin(), bytes.end()), limits, hasher);
    if (result) return std::move(*result);
    return refuse(result.error()), Content{};
  }

  LogRequest log_request() {
    LogRequest m;
    m.round = round();
    m.final_length = length();
    m.entries = reader.u64();
    if (m.entries > kLogEntriesMax) refuse(Refusal::kTooLarge);
    m.marks = words(kMarksMax);
    m.window = round();
    m.pres = words(kServerWordsMax);
    m.commits = reader.u64();
    m.lock = reader.u64();
    m.rejoining = reader.flag();
    return m;
  }

  LogReply log_reply() {
    LogReply m;
    m.round = round();
    m.final_length = length();
    m.shared = reader.u64();
    if (m.shared > kLogEntriesMax) return refuse(Refusal::kTooLarge), m;
    m.entries = list(kStampedSizeMin, kLogEntriesMax - m.shared, [this] { return stamped(); });
    m.pres = pres();
    m.commits = commits();
    m.certificates = list(kSizedMin, kCertificatesMax, [this] { return pres(); });
    m.last_pre = round();
    return m;
  }

  Append append() {
    Append m;
    m.round = round();
    m.commands = list(kSizedMin + kWordSize, kLogEntriesMax, [this] {
      Content command = content();
      return StampedContent{std::move(command), round()};
    });
    return m;
  }

  ContentRequest content_request() {
    return {list(Digest::kSize, kContentsMax, [this] { return reader.fixed<Digest>(); })};
  }

  Contents contents() {
    return {list(kSizedMin, kContentsMax, [this] { return content(); })};
  }

  FinalEntry final_entry() {
    FinalEntry result{decode_named(reader), nullptr};
    if (!result.entry.digest) return result;
    Content held = content();
    const Command named{result.entry.client, result.entry.number, *result.entry.digest};
    if (held.command != named) reader.fail();
    result.request = std::move(held.request);
    return result;
  }

  FinalReply final_reply() {
    FinalReply m;
    m.from = length();
    m.entries = list(kNamedSizeMin, kFinalEntriesMax, [this] { return final_entry(); });
    m.seal = commits();
    return m;
  }

  Message message() {
    switch (reader.u8()) {
      case 0: return log_request();
      case 1: return log_reply();
      case 2: return append();
      case 3: return pre();
      case 4: return commit();
      case 5: return content_request();
      case 6: return contents();
      case 7: return FinalRequest{length()};
      case 8: return final_reply();
      case 9: return pre_head();
      case 10: return PreRequest{round()};
      default: return reader.fail(), FinalRequest{};
    }
  }
};

}  // namespace

std::string_view kind_of(const Message& message) noexcept { return kKinds[message.index()]; }

Digest extend_chain(const Digest& chain, const Named& entry, const Hasher& hasher) {
  Writer writer;
  writer.raw(domain::kSequence).fixed(chain);
  encode(writer, entry);
  return hasher.hash({writer.bytes()});
}

PreHead head_of(const SignedPre& pre, const Hasher& hasher) {
  PreHead head{
      pre.server,     pre.window,   pre.base, pre.base_chain, pre.base + pre.entries.size(),
      pre.base_chain, pre.signature};
  for (const Named& entry : pre.entries) head.chain = extend_chain(head.chain, entry, hasher);
  return head;
}

Bytes pre_message(const Digest& chain_id, const PreHead& head) {
  Writer writer = domain::begin(domain::kPre, chain_id);
  writer.u64(head.window).u64(head.base).fixed(head.base_chain);
  writer.u64(head.length).fixed(head.chain);
  return writer.take();
}

Message sign(Message message, const Signer& signer, const ChainConfig& chain,
             const Hasher& hasher) {
  if (auto* pre = std::get_if<SignedPre>(&message)) {
    pre->signature = signer.sign(pre_message(chain.chain_id, head_of(*pre, hasher)));
  } else if (auto* head = std::get_if<PreHead>(&message)) {
    head->signature = signer.sign(pre_message(chain.chain_id, *head));
  } else if (auto* commit = std::get_if<Commit>(&message)) {
    commit->signature = signer.sign(
        certificate::commit_message(chain.chain_id, commit->window, commit->length, commit->root));
  }
  return message;
}

void encode(Writer& writer, const Named& named) {
  writer.fixed(named.client).u64(named.number).u8(named.digest ? 1 : 0);
  if (named.digest) writer.fixed(*named.digest);
}

Named decode_named(Reader& reader) {
  Named named;
  named.client = reader.fixed<ClientId>();
  named.number = reader.u64();
  // The dummy, number 0, is never final nor sent.
  if (named.number == 0 || lane_of(named.number) != 0) reader.fail();
  if (reader.flag()) named.digest = reader.fixed<Digest>();
  return named;
}

void encode(Writer& writer, const SignedPre& pre) {
  writer.replica(pre.server).u64(pre.window).u64(pre.base).fixed(pre.base_chain);
  encode_list(writer, pre.entries);
  writer.fixed(pre.signature);
}

SignedPre decode_pre(Reader& reader) {
  SignedPre pre;
  pre.server = reader.replica();
  pre.window = reader.u64();
  pre.base = reader.u64();
  pre.base_chain = reader.fixed<Digest>();
  pre.entries.resize(reader.count(kNamedSizeMin));
  for (Named& entry : pre.entries) entry = decode_named(reader);
  pre.signature = reader.fixed<Signature>();
  return pre;
}

void encode(Writer& writer, const PreHead& head) {
  writer.replica(head.server).u64(head.window).u64(head.base).fixed(head.base_chain);
  writer.u64(head.length).fixed(head.chain).fixed(head.signature);
}

PreHead decode_pre_head(Reader& reader) {
  PreHead head;
  head.server = reader.replica();
  head.window = reader.u64();
  head.base = reader.u64();
  head.base_chain = reader.fixed<Digest>();
  head.length = reader.u64();
  head.chain = reader.fixed<Digest>();
  head.signature = reader.fixed<Signature>();
  return head;
}

void encode(Writer& writer, const Commit& commit) {
  writer.replica(commit.server).u64(commit.window).u64(commit.length).fixed(commit.root);
  writer.fixed(commit.signature);
}

Commit decode_commit(Reader& reader) {
  Commit commit;
  commit.server = reader.replica();
  commit.window = reader.u64();
  commit.length = reader.u64();
  commit.root = reader.fixed<Digest>();
  commit.signature = reader.fixed<Signature>();
  return commit;
}

Bytes encode(const Message& message) {
  Writer writer;
  writer.u8(static_cast<std::uint8_t>(message.index()));
  std::visit(Encoder{writer}, message);
  return writer.take();
}

Result<Message, Refusal> decode_message(ByteView bytes, const Limits& limits,
                                        const Hasher& hasher) {
  Reader reader(bytes);
  Decoder decoder{reader, limits, hasher};
  Message message = decoder.message();
  if (!reader.done()) return Unexpected{decoder.refusal};
  return message;
}

}  // namespace waggle::median
