#pragma once

#include <functional>
#include <optional>

#include "consensus/core/bytes.hpp"

namespace waggle::app {

/// What a state machine keeps: an ordered map from bytes to bytes, for reading.
///
/// Errors: none. A store on a disk that cannot read remembers the failure and answers as if the
/// key were absent; its owner looks for the failure before it claims anything that was computed
/// from such an answer, and stops the replica.
/// Threads: as the implementation says; used by one thread at a time otherwise.
class StateView {
 public:
  /// Returns false to end the scan. Must not change the store.
  using Visit = std::function<bool(ByteView key, ByteView value)>;

  virtual ~StateView() = default;

  virtual std::optional<Bytes> get(ByteView key) const = 0;
  /// Visits, in byte order, the keys that begin with `prefix` (all, when it is empty) and, when
  /// `start_after` is given, are above it.
  virtual void scan(ByteView prefix, std::optional<ByteView> start_after,
                    const Visit& visit) const = 0;
  /// The StateDigest of the whole content. Takes constant time.
  virtual Digest digest() const = 0;
};

/// The same, for change. In a replica the changes of a block become durable together with the
/// block's position, or not at all; a state machine sees its own changes at once.
class StateStore : public StateView {
 public:
  /// Adds the key or replaces its value.
  virtual void put(ByteView key, ByteView value) = 0;
  /// True if the key was there.
  virtual bool erase(ByteView key) = 0;
};

/// True if `key` begins with `prefix`.
inline bool has_prefix(ByteView key, ByteView prefix) noexcept {
  return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

/// Byte order of keys, also between owned bytes and views.
struct BytesLess {
  using is_transparent = void;
  bool operator()(ByteView a, ByteView b) const noexcept {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  }
};

}  // namespace waggle::app
