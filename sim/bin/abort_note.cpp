#include "sim/bin/abort_note.hpp"

#include <array>
#include <csignal>
#include <cstring>

#include <unistd.h>

#include "sim/bin/cli.hpp"

namespace waggle::sim {
namespace {

// A signal handler may look at nothing else.
std::array<char, 4096> note{};

void on_abort(int) {
  if (write(STDOUT_FILENO, note.data(), strnlen(note.data(), note.size())) < 0) _exit(kBadInput);
  _exit(kViolated);
}

}  // namespace

void note_for_abort(const std::string& text) {
  std::strncpy(note.data(), text.c_str(), note.size() - 1);
  std::signal(SIGABRT, on_abort);
}

}  // namespace waggle::sim
