#pragma once

#include <algorithm>

#include <rapidcheck.h>

#include "smr/app/kv_command.hpp"

/// Random values for the tests of this folder. Keys are short and of few letters, so that they
/// meet and are prefixes of each other.
namespace waggle::app {

inline rc::Gen<Bytes> short_key() {
  return rc::gen::resize(3, rc::gen::container<Bytes>(rc::gen::element<std::uint8_t>(0, 'a', 255)));
}

inline rc::Gen<Bytes> any_bytes() {
  return rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
}

/// Often a number, so that increments work and overflow.
inline rc::Gen<Bytes> any_value() {
  return rc::gen::oneOf(any_bytes(),
                        rc::gen::map(rc::gen::element("0", "7", "-1", "007", "9223372036854775807",
                                                      "-9223372036854775808"),
                                     [](std::string_view t) { return to_bytes(t); }));
}

inline rc::Gen<std::optional<Bytes>> maybe(rc::Gen<Bytes> gen) {
  return rc::gen::oneOf(rc::gen::just(std::optional<Bytes>()),
                        rc::gen::map(std::move(gen), [](Bytes b) { return std::optional(b); }));
}

inline rc::Gen<KvCommand> any_command() {
  return rc::gen::exec([]() -> KvCommand {
    Bytes key = *short_key();
    switch (*rc::gen::inRange(0, 6)) {
      case 0: return KvGet{std::move(key)};
      case 1: return KvPut{std::move(key), *any_value()};
      case 2: return KvDelete{std::move(key)};
      case 3: return KvCas{std::move(key), *maybe(any_value()), *any_value()};
      case 4: return KvIncrement{std::move(key), *rc::gen::arbitrary<std::int64_t>()};
      default: return KvScan{std::move(key), *maybe(short_key()), *rc::gen::inRange(0u, 9u)};
    }
  });
}

inline rc::Gen<KvResult> any_result() {
  return rc::gen::exec([] {
    KvResult result;
    result.status = static_cast<KvStatus>(*rc::gen::inRange<int>(0, kKvStatusCount));
    result.value = *maybe(any_bytes());
    result.entries.resize(*rc::gen::inRange<std::size_t>(0, 5));
    for (KvPair& pair : result.entries) pair = {*short_key(), *any_value()};
    result.more = *rc::gen::arbitrary<bool>();
    return result;
  });
}

}  // namespace waggle::app
