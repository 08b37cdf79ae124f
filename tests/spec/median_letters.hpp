#pragma once

#include <string>
#include <string_view>

#include "sim/base/random.hpp"
#include "smr/median/command_table.hpp"
#include "smr/median/log.hpp"

namespace waggle::median {

/// Commands named by letters: 'a' is the first command of client a, 'A' another one of the same
/// client and number, which clashes with it; next('a') is the client's second.
struct Letters {
  CommandTable table;

  Handle command(char client, std::uint64_t number, std::uint8_t variant = 0) {
    Command c{.number = number};
    c.client.bytes[0] = static_cast<std::uint8_t>(client);
    c.digest.bytes = {static_cast<std::uint8_t>(client), static_cast<std::uint8_t>(number),
                      variant};
    return table.intern(c);
  }
  Handle operator()(char letter) {
    const bool upper = letter >= 'A' && letter <= 'Z';
    return command(upper ? static_cast<char>(letter - 'A' + 'a') : letter, 1, upper ? 1 : 0);
  }
  Handle next(char client) { return command(client, 2); }
  Handle null_of(char letter) { return table.null_of(table.slot((*this)(letter))); }

  /// A log of these letters, all with one stamp.
  Log log(std::string_view letters, Round stamp = 1) {
    Log result;
    for (const char letter : letters) result.emplace_back((*this)(letter), stamp);
    return result;
  }
};

/// How GoogleTest prints an entry.
inline void PrintTo(Entry entry, std::ostream* out) {
  *out << entry.handle().index() << (entry.handle().is_null() ? "(null)" : "") << '@'
       << entry.stamp();
}

/// More than 32 servers, so that replies are drawn; l = 3.
inline Parameters sampling() { return {.n = 1000}; }

}  // namespace waggle::median
