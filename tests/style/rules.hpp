#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

/// The rules of the source tree, as tables. Patterns know one wildcard: * for any characters,
/// slashes too. Paths are relative to the repository's root.
namespace waggle::style {

/// A folder and the project code that it may include besides its own: folders (without what has
/// a row of its own below them) or single headers; * for everything. The longest folder that
/// holds a file is the one that counts.
struct Layer {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};

/// A library and the files that may include its headers.
struct External {
  std::string_view library;
  std::vector<std::string_view> headers;
  std::vector<std::string_view> users;
};

/// What deterministic code may not name.
struct Ban {
  enum class Kind {
    kWord,    ///< The identifier, wherever it stands.
    kStd,     ///< The identifier after std::, or after another namespace inside std.
    kCall,    ///< A call of the free function.
    kHeader,  ///< Including the header.
  };
  Kind kind;
  std::string_view reason;
  std::vector<std::string_view> names;
};

/// A file that may do what a ban forbids, because doing it is the file's purpose.
struct Exemption {
  std::string_view file;
  std::string_view name;
};

inline constexpr std::size_t kLinesMax = 500;   ///< Longer files fail.
inline constexpr std::size_t kLinesWarn = 400;  ///< Longer files are listed.
inline constexpr std::size_t kColumnsMax = 100;

const std::vector<Layer>& layers();
const std::vector<External>& externals();
const std::vector<Ban>& bans();
/// The same for tests.
const std::vector<Ban>& test_bans();
const std::vector<Exemption>& exemptions();
/// Protocol cores. None may include another.
std::span<const std::string_view> cores();
/// Top-level folders that hold C++.
std::span<const std::string_view> roots();

/// The row for a file, or nothing if its folder is not in the table.
const Layer* layer_of(std::string_view path);
/// Whether the bans hold for a file: the same inputs must give the same outputs on every replica
/// and in every run.
bool is_deterministic(std::string_view path);

}  // namespace waggle::style
