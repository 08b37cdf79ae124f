#include "smr/bin/waggle/bulk_file.hpp"

#include <fstream>

#include "smr/bin/waggle/cli.hpp"
#include "tests/support/temp_folder.hpp"

namespace waggle::cli {
namespace {

std::string error_of(std::string_view line) {
  try {
    parse_bulk_line(line);
    return "no error";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), kBadInput);
    return failure.what();
  }
}

TEST(BulkLine, ReadsEveryCommand) {
  using app::KvCommand;
  EXPECT_EQ(parse_bulk_line("put k some words"),
            KvCommand(app::KvPut{to_bytes("k"), to_bytes("some words")}));
  EXPECT_EQ(parse_bulk_line("put k"), KvCommand(app::KvPut{to_bytes("k"), {}}));
  EXPECT_EQ(parse_bulk_line("  get \t k  "), KvCommand(app::KvGet{to_bytes("k")}));
  EXPECT_EQ(parse_bulk_line("delete k"), KvCommand(app::KvDelete{to_bytes("k")}));
  EXPECT_EQ(parse_bulk_line("incr k"), KvCommand(app::KvIncrement{to_bytes("k"), 1}));
  EXPECT_EQ(parse_bulk_line("incr k -7"), KvCommand(app::KvIncrement{to_bytes("k"), -7}));
  EXPECT_EQ(parse_bulk_line("cas k a b"),
            KvCommand(app::KvCas{to_bytes("k"), to_bytes("a"), to_bytes("b")}));
}

TEST(BulkLine, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("putt k v"), "\"putt\" is not one of: put, get, delete, incr, cas");
  EXPECT_EQ(error_of("get"), "KEY is missing");
  EXPECT_EQ(error_of("get k more"), "\"more\" is too much");
  EXPECT_EQ(error_of("incr k many"), "\"many\" is not a number");
  EXPECT_EQ(error_of("cas k a"), "VALUE is missing");
}

TEST(BulkFile, SkipsCommentsAndNamesTheLine) {
  const TempFolder folder;
  const std::string file = folder / "commands";
  std::ofstream(file) << "# a comment\r\n\nput a 1\r\n  # another\nget a\n";
  const auto commands = read_bulk_file(file);
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0], app::KvCommand(app::KvPut{to_bytes("a"), to_bytes("1")}));
  std::ofstream(file, std::ios::app) << "nonsense\n";
  try {
    read_bulk_file(file);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.what(), file + ":6: \"nonsense\" is not one of: put, get, delete, incr, cas");
  }
}

}  // namespace
}  // namespace waggle::cli
