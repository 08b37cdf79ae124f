#pragma once

#include <vector>

#include "smr/bin/waggle/cli.hpp"
#include "smr/bin/waggle/diagnosis.hpp"
#include "smr/bin/waggle/network.hpp"

namespace waggle::cli {

/// Asks these replicas at once. Who does not answer within two seconds, or what the command line
/// says if that is less, is down.
std::vector<Answer> ask(const Cli& cli, const Network& network,
                        const std::vector<std::uint32_t>& replicas);

}  // namespace waggle::cli
