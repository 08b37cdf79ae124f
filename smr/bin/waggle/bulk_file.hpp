#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "smr/app/kv_command.hpp"

namespace waggle::cli {

/// What a line of a bulk file may be; for --help.
inline constexpr std::string_view kBulkSyntax =
    "One command per line; empty lines and lines that begin with # are skipped:\n"
    "  put KEY VALUE      (the value is the rest of the line)\n"
    "  get KEY\n"
    "  delete KEY\n"
    "  incr KEY [N]\n"
    "  cas KEY EXPECTED VALUE\n"
    "Commands are sent together and may be executed in any order.";

/// Reads the commands of a file, "-" for standard input. Throws Failure with file and line.
std::vector<app::KvCommand> read_bulk_file(const std::filesystem::path& file);

/// One line that is not to be skipped. Throws Failure with what is wrong, without a place.
app::KvCommand parse_bulk_line(std::string_view line);

}  // namespace waggle::cli
