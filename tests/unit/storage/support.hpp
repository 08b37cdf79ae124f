#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "storage/rocksdb_storage.hpp"
#include "storage/storage.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::storage {

namespace fs = std::filesystem;
using Kind = StorageError::Kind;

inline Identity identity(std::uint32_t replica = 1, std::uint8_t chain = 7) {
  Identity id{.chain_id = {}, .replica = ReplicaId{replica}};
  id.chain_id.bytes.fill(chain);
  return id;
}

inline SharedBytes shared(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }

inline Batch put(Family family, std::string_view key, std::string_view value) {
  Batch batch;
  batch.put(family, to_bytes(key), to_bytes(value));
  return batch;
}

/// The value as text, "-" when missing, "!kind" when unreadable.
inline std::string read(const Storage& storage, Family family, std::string_view key) {
  const auto found = storage.get(family, as_bytes(key));
  if (!found) return "!" + std::string(to_string(found.error().kind));
  return *found ? std::string(as_text(**found)) : "-";
}

using Pairs = std::vector<std::pair<std::string, std::string>>;
inline Pairs scan(const Storage& storage, Family family, std::string_view from = "",
                  std::string_view to = "") {
  Pairs pairs;
  const auto done = storage.scan(family, as_bytes(from), as_bytes(to), [&](auto key, auto value) {
    pairs.emplace_back(as_text(key), as_text(value));
    return true;
  });
  EXPECT_TRUE(done) << done.error().message;
  return pairs;
}

/// Opens what must open; null, and the test fails, when it does not.
inline std::unique_ptr<Storage> must_open(const fs::path& path, OpenMode mode = OpenMode::kNormal) {
  auto opened = open(path, identity(), mode);
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

/// The error that opening gives; fails the test when it gives none.
inline StorageError open_error(const fs::path& path, OpenMode mode = OpenMode::kNormal,
                               const Identity& who = identity()) {
  auto opened = open(path, who, mode);
  EXPECT_FALSE(opened);
  if (opened) return {Kind::kIo, "no error"};
  EXPECT_EQ(opened.error().message.find('\n'), std::string::npos) << "one line";
  return opened.error();
}

inline Bytes read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_file(const fs::path& file, ByteView bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

/// Changes bits of one byte; doing it again undoes it.
inline void flip(const fs::path& file, std::size_t at, std::uint8_t mask = 1) {
  // In place: a file that is truncated and written anew is flushed to disk by some file systems.
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  char byte = 0;
  stream.seekg(static_cast<std::streamoff>(at)).get(byte);
  stream.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(byte ^ mask));
  ASSERT_TRUE(stream.flush()) << file << ", byte " << at;
}

/// Files of a data directory's database by the end of their name, largest first.
inline std::vector<fs::path> files(const fs::path& path, std::string_view ending) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(path / "db")) {
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return fs::file_size(a) > fs::file_size(b); });
  return found;
}

}  // namespace waggle::storage
