#pragma once

#include <map>

#include "smr/app/state_digest.hpp"
#include "smr/app/state_store.hpp"

namespace waggle::app {

/// A state store in memory: for tests, for examples, for a restored snapshot on its way to disk.
/// Not thread-safe. The hasher must outlive it.
class MemoryStateStore final : public StateStore {
 public:
  explicit MemoryStateStore(const Hasher& hasher) : digest_(hasher) {}

  std::optional<Bytes> get(ByteView key) const override;
  void scan(ByteView prefix, std::optional<ByteView> start_after,
            const Visit& visit) const override;
  Digest digest() const override { return digest_.value(); }
  void put(ByteView key, ByteView value) override;
  bool erase(ByteView key) override;

  std::size_t size() const noexcept { return pairs_.size(); }

 private:
  std::map<Bytes, Bytes, BytesLess> pairs_;
  StateDigest digest_;
};

}  // namespace waggle::app
