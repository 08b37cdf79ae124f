#pragma once

#include <string>

#include "consensus/core/ids.hpp"
#include "smr/config/replica.hpp"
#include "smr/replica/environment.hpp"

namespace waggle::daemon {

/// Sets up the process's log on standard error: one line per event, as logfmt
/// (ts=... level=info replica=0 event=started ...) or as one JSON object with the same keys.
void init_log(const config::LogSettings& settings, ReplicaId self);

/// `line` is an event name and key=value pairs; values with spaces are quoted by in_quotes().
/// Any thread.
void log(smr::Severity severity, const std::string& line);

/// A value as logfmt wants it: in double quotes.
std::string in_quotes(const std::string& text);

}  // namespace waggle::daemon
