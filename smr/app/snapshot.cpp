#include "smr/app/snapshot.hpp"

#include "consensus/core/domain.hpp"

namespace waggle::app {
namespace {

constexpr std::size_t kPieceBytes = 64 << 10;

/// Reads exactly what is asked for; after the first shortage nothing more.
class PieceReader {
 public:
  explicit PieceReader(const SnapshotSource& source) : source_(source) {}

  /// In steps, so that a false length cannot make us allocate what never arrives.
  Bytes take(std::size_t size) {
    Bytes bytes;
    while (ok_ && bytes.size() < size) {
      const std::size_t had = bytes.size();
      bytes.resize(had + std::min(size - had, kPieceBytes));
      fill(std::span(bytes).subspan(had));
    }
    if (!ok_) bytes.clear();
    return bytes;
  }
  Bytes take_sized() {
    const Bytes length = take(sizeof(std::uint32_t));
    return take(Reader(length).u32());
  }
  std::uint8_t take_u8() {
    const Bytes byte = take(1);
    return ok_ ? byte[0] : std::uint8_t{0};
  }
  bool ok() const { return ok_; }
  bool at_end() const {
    std::uint8_t more = 0;
    return ok_ && source_({&more, 1}) == 0;
  }

 private:
  void fill(std::span<std::uint8_t> rest) {
    while (!rest.empty()) {
      const std::size_t got = source_(rest);
      ENSURE(got <= rest.size(), "a snapshot source wrote past its buffer");
      if (got == 0) {
        ok_ = false;
        return;
      }
      rest = rest.subspan(got);
    }
  }

  const SnapshotSource& source_;
  bool ok_ = true;
};

bool is_empty(const StateView& state) {
  bool empty = true;
  state.scan({}, std::nullopt, [&](ByteView, ByteView) { return empty = false; });
  return empty;
}

}  // namespace

void write_snapshot(const StateView& state, const SnapshotSink& sink) {
  sink(domain::kSnapshot);
  state.scan({}, std::nullopt, [&](ByteView key, ByteView value) {
    sink(Writer().u8(1).sized(key).sized(value).bytes());
    return true;
  });
  sink(Writer().u8(0).fixed(state.digest()).bytes());
}

Result<void, Refusal> read_snapshot(const SnapshotSource& source, StateStore& store) {
  ENSURE(is_empty(store), "a snapshot is restored into an empty store");
  PieceReader reader(source);
  const Bytes tag = reader.take(domain::kSnapshot.size());
  if (!std::equal(tag.begin(), tag.end(), domain::kSnapshot.begin(), domain::kSnapshot.end())) {
    return Unexpected{Refusal::kMalformed};
  }
  std::optional<Bytes> previous;
  std::uint8_t more = reader.take_u8();
  for (; more == 1; more = reader.take_u8()) {
    Bytes key = reader.take_sized();
    const Bytes value = reader.take_sized();
    if (!reader.ok() || (previous && *previous >= key)) return Unexpected{Refusal::kMalformed};
    store.put(key, value);
    previous = std::move(key);
  }
  const Bytes digest = reader.take(Digest::kSize);
  if (more != 0 || !reader.at_end() || Reader(digest).fixed<Digest>() != store.digest()) {
    return Unexpected{Refusal::kMalformed};
  }
  return {};
}

}  // namespace waggle::app
