#pragma once

#include <string>

namespace waggle::sim {

/// Writes a file, and the folder that it is in. Throws Failure.
void save_file(const std::string& path, const std::string& text);

}  // namespace waggle::sim
