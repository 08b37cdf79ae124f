#pragma once

#include <string>
#include <utility>

#include "consensus/core/result.hpp"

namespace waggle::config {

/// What is wrong with a configuration file, in words for the person who wrote it.
struct ConfigError {
  std::string file;     ///< As it was named to the loader.
  int line = 0;         ///< From 1; 0 when the file as a whole is meant (it cannot be read).
  std::string key;      ///< With its section, "mempool.bytes_max"; empty for a syntax error.
  std::string message;  ///< What is wrong, with the range or the nearest valid key.

  /// One line: file:line: key: message.
  std::string to_string() const;
};

/// Where a value was read, to be named by who finds later that it is of no use.
struct Origin {
  std::string file;
  int line = 0;
  std::string key;

  ConfigError error(std::string message) const { return {file, line, key, std::move(message)}; }
};

template <class T>
using Loaded = Result<T, ConfigError>;

}  // namespace waggle::config
