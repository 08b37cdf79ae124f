#pragma once

namespace waggle::bench {

/// The commit of the sources that this program was built from, with "-changed" behind it when they
/// differed; "unknown" without git.
const char* built_commit();

}  // namespace waggle::bench
