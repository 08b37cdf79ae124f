#pragma once

#include <string>

namespace waggle::sim {

/// A broken invariant of a core or host aborts the process, in a simulation too. From now on this
/// text is written to standard output first, and the exit code is that of a violation.
void note_for_abort(const std::string& text);

}  // namespace waggle::sim
