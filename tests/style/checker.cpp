#include "tests/style/checker.hpp"

#include <algorithm>

#include "tests/style/rules.hpp"
#include "tests/style/scanner.hpp"

namespace waggle::style {
namespace {

constexpr auto kNpos = std::string_view::npos;

bool any_matches(const std::vector<std::string_view>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return matches(pattern, text); });
}

bool is_exempt(std::string_view file, std::string_view name) {
  return std::any_of(exemptions().begin(), exemptions().end(), [&](const Exemption& exemption) {
    return exemption.file == file && exemption.name == name;
  });
}

/// The core that holds a path, or nothing.
std::string_view core_of(std::string_view path) {
  for (std::string_view core : cores()) {
    if (path.starts_with(core) && path.substr(core.size()).starts_with('/')) return core;
  }
  return {};
}

/// The arguments of a template whose < stands at `open`, cut at the commas of the outer level.
std::vector<std::string_view> template_arguments(std::string_view code, std::size_t open) {
  std::vector<std::string_view> arguments;
  int depth = 0;
  std::size_t start = open + 1;
  for (std::size_t i = open; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '<' || c == '(' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == '}') --depth;
    if (depth == 0 || (depth == 1 && c == ',')) {
      arguments.push_back(code.substr(start, i - start));
      start = i + 1;
    }
    if (depth == 0) return arguments;
    if (c == ';') break;
  }
  return {};
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == kNpos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Whether a type is a pointer: raw, smart, or an alias named ...Ptr.
bool is_pointer(std::string_view type) {
  type = trim(type);
  return type.ends_with('*') || type.ends_with("Ptr") || type.ends_with("_ptr") ||
         matches("*_ptr<*>", type);
}

class Checker {
 public:
  Checker(std::string_view path, std::string_view text,
          const std::function<bool(const std::string&)>& exists)
      : path_(path), source_(scan(text)), exists_(exists), layer_(layer_of(path)) {}

  std::vector<Finding> run() {
    check_layout();
    if (path_.ends_with(".hpp") || path_.ends_with(".h")) check_header();
    if (layer_ == nullptr) {
      report(1, "unknown-folder", "the folder has no row in tests/style/rules.cpp");
      return std::move(findings_);
    }
    for (const Include& include : includes_of(source_)) check_include(include);
    if (is_deterministic(path_)) {
      for (const Ban& ban : bans()) check_ban(ban);
      check_pointer_keys();
    }
    if (path_.starts_with("tests/")) {
      for (const Ban& ban : test_bans()) check_ban(ban);
    }
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.line < b.line; });
    return std::move(findings_);
  }

 private:
  void report(std::size_t line, std::string rule, std::string message) {
    findings_.push_back({std::string(path_), line, std::move(rule), std::move(message)});
  }

  void check_layout() {
    const auto lines = lines_of(source_.text);
    if (lines.size() > kLinesMax) {
      report(lines.size(), "file-length",
             std::to_string(lines.size()) + " lines, at most " + std::to_string(kLinesMax));
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto line = lines[i];
      const auto width = columns(line);
      if (width > kColumnsMax) {
        report(i + 1, "line-length",
               std::to_string(width) + " columns, at most " + std::to_string(kColumnsMax));
      }
      if (line.find('\t') != kNpos) report(i + 1, "tab", "indent with spaces");
      if (line.ends_with(' ') || line.ends_with('\r')) {
        report(i + 1, "trailing-space", "the line ends in white space");
      }
    }
    if (!source_.text.ends_with('\n')) {
      report(std::max<std::size_t>(lines.size(), 1), "final-newline",
             "the file does not end with a line break");
    }
  }

  void check_header() {
    const auto lines = lines_of(source_.code);
    if (std::none_of(lines.begin(), lines.end(),
                     [](std::string_view line) { return trim(line) == "#pragma once"; })) {
      report(1, "pragma-once", "a header starts with #pragma once");
    }
    for_each_word("namespace", [&](std::size_t at) {
      if (trim(std::string_view(source_.code).substr(0, at)).ends_with("using")) {
        report(line_at(source_.code, at), "using-namespace",
               "a header may not open a namespace for those who include it");
      }
    });
  }

  void check_include(const Include& include) {
    const std::string& header = include.header;
    if (const External* external = external_of(include)) {
      if (!any_matches(external->users, path_)) {
        report(include.line, "include-external",
               std::string(external->library) + " (" + header + ") is not for " +
                   std::string(layer_->folder));
      }
      return;
    }
    if (!include.quoted) {
      if (header.find('/') != kNpos || header.find('.') != kNpos) {
        report(include.line, "include-external",
               header + " belongs to no library in tests/style/rules.cpp");
      }
      return;
    }
    check_project_include(include);
  }

  /// Only headers of ours are quoted; generated ones are Protobuf's.
  static const External* external_of(const Include& include) {
    if (include.quoted && !include.header.ends_with(".pb.h")) return nullptr;
    for (const External& external : externals()) {
      if (any_matches(external.headers, include.header)) return &external;
    }
    return nullptr;
  }

  void check_project_include(const Include& include) {
    const std::string& header = include.header;
    const Layer* target = layer_of(header);
    const auto core = core_of(path_);
    const auto other = core_of(header);
    if (!core.empty() && !other.empty() && core != other) {
      report(include.line, "core-isolation",
             "the core " + std::string(core) + " includes the core " + std::string(other));
      return;
    }
    if (target == nullptr || (exists_ && !exists_(header))) {
      report(include.line, "include-path",
             header + " is not a file of the project; write the path from the root");
      return;
    }
    const auto allows = [&](std::string_view entry) {
      return entry == "*" || entry == target->folder || entry == header;
    };
    if (target != layer_ &&
        std::none_of(layer_->may_include.begin(), layer_->may_include.end(), allows)) {
      report(include.line, "include-layer",
             std::string(layer_->folder) + " may not include " + header);
    }
  }

  /// Calls `visit` with the position of each identifier in the code that equals `word`.
  template <class Visit>
  void for_each_word(std::string_view word, Visit visit) {
    const std::string_view code = source_.code;
    for (auto at = code.find(word); at != kNpos; at = code.find(word, at + 1)) {
      const auto end = at + word.size();
      if (at > 0 && is_word_char(code[at - 1])) continue;
      if (end < code.size() && is_word_char(code[end])) continue;
      visit(at);
    }
  }

  bool is_banned_here(Ban::Kind kind, std::string_view name, std::size_t at) const {
    const auto before = trim(std::string_view(source_.code).substr(0, at));
    const auto behind = trim(std::string_view(source_.code).substr(at + name.size()));
    switch (kind) {
      case Ban::Kind::kWord: {
        // A header's name is not a use of it.
        const auto line = lines_of(source_.code)[line_at(source_.code, at) - 1];
        return !trim(line).starts_with("#");
      }
      case Ban::Kind::kStd: return before.ends_with("std::");
      case Ban::Kind::kCall: {
        if (!behind.starts_with('(')) return false;
        if (before.ends_with("std::")) return true;
        if (before.ends_with("return")) return true;
        if (before.ends_with("::")) {
          const auto scope = trim(before.substr(0, before.size() - 2));
          return scope.empty() || !is_word_char(scope.back());
        }
        // After . or -> it is a member; after a name or type it is a declaration.
        return before.empty() ||
               (!is_word_char(before.back()) && before.back() != '.' && !before.ends_with("->") &&
                before.back() != '>' && before.back() != '&' && before.back() != '*');
      }
      case Ban::Kind::kHeader: return false;
    }
    return false;
  }

  void check_ban(const Ban& ban) {
    for (std::string_view name : ban.names) {
      if (is_exempt(path_, name)) continue;
      const auto message = std::string(name) + ": " + std::string(ban.reason);
      if (ban.kind == Ban::Kind::kHeader) {
        for (const Include& include : includes_of(source_)) {
          if (!include.quoted && include.header == name) {
            report(include.line, "banned",
                   "<" + std::string(name) + ">: " + std::string(ban.reason));
          }
        }
        continue;
      }
      for_each_word(name, [&](std::size_t at) {
        if (is_banned_here(ban.kind, name, at)) {
          report(line_at(source_.code, at), "banned", message);
        }
      });
    }
  }

  /// Sets and maps ordered by address iterate differently in every run. With a comparator of
  /// their own they are ordered by something else.
  void check_pointer_keys() {
    struct Container {
      std::string_view name;
      std::size_t arguments_without_comparator;
    };
    static constexpr Container kContainers[] = {{"set", 1},      {"multiset", 1}, {"map", 2},
                                                {"multimap", 2}, {"less", 1},     {"greater", 1}};
    const std::string_view code = source_.code;
    for (const Container& container : kContainers) {
      for_each_word(container.name, [&](std::size_t at) {
        const auto open = at + container.name.size();
        if (open >= code.size() || code[open] != '<') return;
        if (!code.substr(0, at).ends_with("std::")) return;
        const auto arguments = template_arguments(code, open);
        if (arguments.empty() || arguments.size() > container.arguments_without_comparator) return;
        if (is_pointer(arguments.front())) {
          report(line_at(code, at), "pointer-key",
                 "std::" + std::string(container.name) + " of " +
                     std::string(trim(arguments.front())) + " is ordered by address");
        }
      });
    }
  }

  std::string_view path_;
  Source source_;
  const std::function<bool(const std::string&)>& exists_;
  const Layer* layer_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string to_string(const Finding& finding) {
  return finding.file + ":" + std::to_string(finding.line) + ": [" + finding.rule + "] " +
         finding.message;
}

std::vector<Finding> check_file(std::string_view path, std::string_view text,
                                const std::function<bool(const std::string&)>& exists) {
  return Checker(path, text, exists).run();
}

}  // namespace waggle::style
