#pragma once

#include <string>
#include <vector>

#include "sim/experiment/experiment.hpp"

namespace waggle::sim {

struct File {
  std::string name;
  std::string text;
};

/// NAME.csv, NAME.svg (and NAME-suffix.svg) and NAME.md. Equal findings make equal files.
std::vector<File> files_of(const Experiment& experiment, const Findings& findings,
                           const Scale& scale);

/// README.md, for the experiments whose pages are there.
File index_of(const std::vector<const Experiment*>& present);

}  // namespace waggle::sim
