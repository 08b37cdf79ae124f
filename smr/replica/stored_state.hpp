#pragma once

#include <map>
#include <optional>

#include "smr/app/state_digest.hpp"
#include "smr/app/state_store.hpp"
#include "smr/replica/element_cache.hpp"
#include "storage/storage.hpp"

namespace waggle::smr {

/// The state machine's content in the replica's storage, with the changes of the block that is
/// being executed on top. Changes become visible at once and durable with take_changes().
/// A read that fails is remembered in failure(). Not thread-safe.
class StoredState final : public app::StateStore {
 public:
  /// Continues from what storage holds; `digest` is that of its content. Nobody else may change
  /// that while this is being written to.
  StoredState(const storage::Storage& storage, const Hasher& hasher, const Digest& digest)
      : storage_(storage), digest_(hasher, domain::kState, digest) {}

  std::optional<Bytes> get(ByteView key) const override;
  void scan(ByteView prefix, std::optional<ByteView> start_after,
            const Visit& visit) const override;
  Digest digest() const override { return digest_.value(); }
  void put(ByteView key, ByteView value) override;
  bool erase(ByteView key) override;

  /// The changes since the last call, for the batch that the owner writes next.
  void take_changes(storage::Batch& batch);
  const std::optional<storage::StorageError>& failure() const noexcept { return failure_; }

 private:
  /// What the pair of this key contributes to the digest; nothing when there is none.
  std::optional<Digest> element_of(ByteView key) const;

  const storage::Storage& storage_;
  app::StateDigest digest_;
  ElementCache elements_;
  std::map<Bytes, std::optional<Bytes>, app::BytesLess> changes_;  ///< Nothing: erased.
  mutable std::optional<storage::StorageError> failure_;
};

}  // namespace waggle::smr
