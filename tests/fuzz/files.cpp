#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/key_file.hpp"
#include "smr/config/cluster.hpp"
#include "smr/config/genesis.hpp"
#include "smr/config/replica.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/unit/core/sample_chain.hpp"

namespace waggle::fuzz {
namespace {

template <class T>
void require_place(const config::Loaded<T>& loaded) {
  if (loaded) return;
  const std::string line = loaded.error().to_string();
  ENSURE(line.starts_with("file"), "an error names the file");
  ENSURE(loaded.error().line > 0, "and the line");
}

}  // namespace

void config(ByteView input) {
  const SampleChain& chain = sample_chain();
  Input choice(input);
  const std::size_t kind = choice.below(3);
  const std::string_view text = as_text(choice.rest());
  if (kind == 0) {
    require_place(config::parse_genesis(text, "file", chain.hasher));
  } else if (kind == 1) {
    require_place(config::parse_cluster(text, "file", chain.config, chain.verifier));
  } else {
    const auto settings = config::parse_replica(text, "file");
    require_place(settings);
    if (settings) require_place(config::check_replica(*settings, chain.config));
  }
}

void key_file(ByteView input) {
  const int fd = ::memfd_create("key", MFD_CLOEXEC);
  ENSURE(fd >= 0 && ::fchmod(fd, 0600) == 0);
  ENSURE(::write(fd, input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  using crypto::KeyKind;
  int kinds = 0;
  for (const KeyKind kind : {KeyKind::kConsensus, KeyKind::kTls, KeyKind::kClient}) {
    const auto key = crypto::read_key_file(path, kind);
    if (key) ++kinds;
    ENSURE(key || key.error().text.find('\n') == std::string::npos, "one line");
  }
  ENSURE(kinds <= 1, "a key is of one kind");
  ::close(fd);
}

}  // namespace waggle::fuzz
