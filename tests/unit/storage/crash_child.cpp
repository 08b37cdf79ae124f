// crash_child DIR FIRST: writes batch after batch, from number FIRST on, and prints a number once
// it is durable, until it is killed. crash_test reads the numbers and checks what is left.

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "storage/keys.hpp"
#include "storage/rocksdb_storage.hpp"

int main(int argc, char** argv) {
  using namespace waggle;
  using namespace waggle::storage;
  if (argc != 3) return 2;
  Identity identity{.chain_id = {}, .replica = ReplicaId{1}};
  identity.chain_id.bytes.fill(7);
  auto opened = open(argv[1], identity, OpenMode::kRejoin);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  for (std::uint64_t i = std::strtoull(argv[2], nullptr, 10);; ++i) {
    Batch batch;
    batch.put(Family::kHeights, big_endian_key(i), big_endian_key(i));
    batch.put(Family::kBlocks, big_endian_key(i), big_endian_key(i),
              std::make_shared<const Bytes>(200 + i * 7919 % 90'000, std::uint8_t(i)));
    batch.put(Family::kSafety, to_bytes("record"), big_endian_key(i));
    if (i >= 50) batch.erase(Family::kBlocks, big_endian_key(i - 50));
    const bool sync = i % 3 == 0;
    if (!(*opened)->write(batch, sync)) return 1;
    if (!sync) continue;
    std::printf("%" PRIu64 "\n", i);
    std::fflush(stdout);
  }
}
