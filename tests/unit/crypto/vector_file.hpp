#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/core/bytes.hpp"

namespace waggle::crypto {

/// A group of `name = value` lines in a file of test vectors, ended by an empty line.
class VectorRecord {
 public:
  void set(const std::string& name, std::string value) { fields_[name] = std::move(value); }
  bool empty() const { return fields_.empty(); }
  /// The value as it stands, or the default when the record has no such line.
  std::string text(const std::string& name, const std::string& otherwise) const;
  /// The value read as hex. Fails the test when there is none.
  Bytes bytes(const std::string& name) const;
  template <class Fixed>
  Fixed fixed(const std::string& name) const {
    return fixed_from_hex<Fixed>(to_hex(bytes(name))).value();
  }

 private:
  std::map<std::string, std::string> fields_;
};

/// The records of tests/data/crypto/<name>; lines that start with # are comments.
std::vector<VectorRecord> load_vectors(std::string_view name);

}  // namespace waggle::crypto
