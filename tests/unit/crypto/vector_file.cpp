#include "tests/unit/crypto/vector_file.hpp"

#include <fstream>
#include <stdexcept>

namespace waggle::crypto {
namespace {

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

std::string VectorRecord::text(const std::string& name, const std::string& otherwise) const {
  const auto at = fields_.find(name);
  return at == fields_.end() ? otherwise : at->second;
}

Bytes VectorRecord::bytes(const std::string& name) const {
  const auto raw = from_hex(fields_.at(name));
  if (!raw) throw std::runtime_error("not hexadecimal: " + name + " = " + fields_.at(name));
  return *raw;
}

std::vector<VectorRecord> load_vectors(std::string_view name) {
  const std::string path = std::string(WAGGLE_SOURCE_DIR "/tests/data/crypto/").append(name);
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<VectorRecord> records(1);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    if (line.empty() && !records.back().empty()) records.emplace_back();
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    records.back().set(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
  if (records.back().empty()) records.pop_back();
  return records;
}

}  // namespace waggle::crypto
