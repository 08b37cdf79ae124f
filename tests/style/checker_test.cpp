// Plants breaches of every rule and expects the checker to find them, and near misses that it must
// leave alone.
#include "tests/style/checker.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/style/rules.hpp"
#include "tests/style/scanner.hpp"

namespace waggle::style {
namespace {

/// "rule:line" of each finding in a file with this text.
std::vector<std::string> found(std::string_view path, std::string_view text) {
  std::vector<std::string> result;
  for (const Finding& finding : check_file(path, text)) {
    result.push_back(finding.rule + ":" + std::to_string(finding.line));
  }
  return result;
}

using List = std::vector<std::string>;

TEST(Checker, NamesFileLineAndRule) {
  const auto findings = check_file("consensus/core/a.cpp", "\n#include <boost/asio.hpp>\n");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(to_string(findings[0]),
            "consensus/core/a.cpp:2: [include-external] Boost (boost/asio.hpp) is not for "
            "consensus/core");
}

TEST(Checker, FolderMayIncludeOnlyWhatItsRowNames) {
  struct Case {
    std::string path;
    std::string header;
    bool allowed;
  };
  const std::vector<Case> cases = {
      {"consensus/core/a.cpp", "consensus/core/ids.hpp", true},
      {"consensus/core/a.cpp", "consensus/chained/record.hpp", false},
      {"consensus/core/a.cpp", "crypto/keys.hpp", false},
      {"consensus/pbeegees/a.cpp", "consensus/core/ids.hpp", true},
      {"consensus/pbeegees/a.cpp", "crypto/keys.hpp", false},
      {"consensus/pbeegees/a.cpp", "smr/replica/host.hpp", false},
      {"crypto/a.cpp", "consensus/core/ids.hpp", true},
      {"crypto/a.cpp", "net/codec.hpp", false},
      {"net/codec/a.cpp", "crypto/keys.hpp", true},
      {"net/codec/a.cpp", "consensus/chained/messages.hpp", true},
      {"net/codec/a.cpp", "consensus/chained/record.hpp", false},
      {"net/a.cpp", "smr/replica/host.hpp", false},
      {"storage/a.cpp", "consensus/core/bytes.hpp", true},
      {"storage/a.cpp", "crypto/keys.hpp", false},
      {"smr/app/a.cpp", "consensus/core/bytes.hpp", true},
      {"smr/app/a.cpp", "smr/replica/host.hpp", false},
      {"smr/median/a.cpp", "consensus/core/ids.hpp", true},
      {"smr/median/a.cpp", "consensus/chained/record.hpp", false},
      {"smr/median/a.cpp", "crypto/keys.hpp", false},
      {"smr/replica/a.cpp", "smr/app/state_machine.hpp", true},
      {"smr/replica/a.cpp", "smr/config/config.hpp", false},
      {"smr/replica/a.cpp", "net/codec.hpp", false},
      {"smr/replica/a.cpp", "crypto/keys.hpp", false},
      {"smr/replica/a.cpp", "storage/storage.hpp", true},
      {"smr/replica/a.cpp", "storage/rocksdb_storage.hpp", false},
      {"smr/replica/a.cpp", "smr/replica/threads/executor.hpp", false},
      {"smr/replica/threads/a.cpp", "smr/replica/host.hpp", true},
      {"smr/client/a.cpp", "net/codec.hpp", true},
      {"smr/client/a.cpp", "smr/replica/host.hpp", false},
      {"smr/client/a.cpp", "smr/config/config.hpp", false},
      {"smr/bin/a.cpp", "smr/replica/host.hpp", true},
      {"tests/world/a.cpp", "smr/replica/host.hpp", true},
  };
  for (const Case& c : cases) {
    const auto expected = c.allowed ? List{} : List{"include-layer:1"};
    EXPECT_EQ(found(c.path, "#include \"" + c.header + "\"\n"), expected)
        << c.path << " " << c.header;
  }
}

TEST(Checker, LibrariesAreSeenOnlyWhereTheyBelong) {
  struct Case {
    std::string header;
    std::vector<std::string> allowed;
  };
  const std::vector<Case> cases = {
      {"sodium.h", {"crypto"}},
      {"openssl/evp.h", {"crypto"}},
      {"boost/asio.hpp", {"net"}},
      {"google/protobuf/message.h", {"net"}},
      {"rocksdb/db.h", {"storage"}},
      {"toml++/toml.h", {"smr/config"}},
      {"nlohmann/json.hpp",
       {"smr/config", "smr/bin", "sim/bin", "sim/experiment", "sim/explore", "sim/replay",
        "sim/report"}},
      {"CLI/CLI.hpp", {"smr/bin", "sim/bin"}},
      {"spdlog/spdlog.h", {"smr/bin"}},
      {"prometheus/registry.h", {"smr/bin"}},
      {"gtest/gtest.h", {}},
      {"unistd.h",
       {"crypto", "net", "storage", "smr/config", "smr/client", "smr/bin", "sim/bin", "sim/explore",
        "smr/replica/threads", "smr/verify"}},
      {"fmt/format.h",
       {"crypto", "net", "storage", "smr/app", "smr/certificate", "smr/median", "smr/protocol",
        "smr/config", "smr/replica", "smr/replica/threads", "smr/verify", "smr/client", "smr/bin",
        "sim/bin", "sim/experiment", "sim/scenario"}},
      {"unheard/of.hpp", {}},
  };
  for (const Case& c : cases) {
    for (const Layer& layer : layers()) {
      if (layer.folder == "tests") continue;
      const bool allowed =
          std::find(c.allowed.begin(), c.allowed.end(), layer.folder) != c.allowed.end();
      const auto expected = allowed ? List{} : List{"include-external:1"};
      EXPECT_EQ(found(std::string(layer.folder) + "/a.cpp", "#include <" + c.header + ">\n"),
                expected)
          << layer.folder << " " << c.header;
    }
  }
}

TEST(Checker, OpensslInNetIsForTlsOnly) {
  EXPECT_EQ(found("net/transport/tls_context.cpp", "#include <openssl/ssl.h>\n"), List{});
  EXPECT_EQ(found("net/transport/peer.cpp", "#include <openssl/ssl.h>\n"),
            List{"include-external:1"});
}

TEST(Checker, GeneratedHeadersAreProtobuf) {
  EXPECT_EQ(found("net/codec/a.cpp", "#include \"net/proto/wire.pb.h\"\n"), List{});
  EXPECT_EQ(found("smr/client/a.cpp", "#include \"net/proto/wire.pb.h\"\n"),
            List{"include-external:1"});
}

TEST(Checker, CoresDoNotIncludeEachOther) {
  EXPECT_EQ(found("consensus/pbeegees/a.cpp", "#include \"smr/median/core.hpp\"\n"),
            List{"core-isolation:1"});
  EXPECT_EQ(found("consensus/pbeegees/a.cpp", "#include \"consensus/baselines/hotstuff.hpp\"\n"),
            List{"core-isolation:1"});
}

TEST(Checker, IncludesAreWrittenFromTheRoot) {
  const auto nothing_exists = [](const std::string&) { return false; };
  EXPECT_EQ(found("consensus/core/a.cpp", "#include \"ids.hpp\"\n"), List{"include-path:1"});
  EXPECT_EQ(found("consensus/core/a.cpp", "#include \"../core/ids.hpp\"\n"),
            List{"include-path:1"});
  const auto findings =
      check_file("smr/bin/a.cpp", "#include \"crypto/gone.hpp\"\n", nothing_exists);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, "include-path");
}

TEST(Checker, EveryFolderHasARow) {
  EXPECT_EQ(found("smr/surprise/a.cpp", "int x;\n"), List{"unknown-folder:1"});
  EXPECT_EQ(found("consensus/corelike/a.cpp", "int x;\n"), List{"unknown-folder:1"});
}

TEST(Checker, DeterministicCodeMayNotNameTheWorld) {
  const std::vector<std::string> planted = {
      "std::mutex m;",
      "std::lock_guard lock(m);",
      "std::thread t;",
      "std::atomic<int> a;",
      "thread_local int t;",
      "auto t = std::chrono::steady_clock::now();",
      "using Clock = std::chrono::system_clock;",
      "auto t = time(nullptr);",
      "auto t = std::time(nullptr);",
      "auto t = ::time(nullptr);",
      "std::random_device d;",
      "std::mt19937_64 rng;",
      "int r = rand();",
      "int f() { return rand(); }",
      "std::unordered_map<int, int> m;",
      "std::unordered_set<int> s;",
      "float f;",
      "long double d;",
      "std::cout << 1;",
      "printf(x);",
      "std::printf(x);",
      "auto e = std::getenv(x);",
      "#include <mutex>",
      "#include <thread>",
      "#include <atomic>",
      "#include <random>",
      "#include <unordered_map>",
      "#include <iostream>",
      "#include <cstdio>",
  };
  for (const auto& line : planted) {
    for (const char* path : {"consensus/core/a.cpp", "consensus/pbeegees/a.cpp",
                             "smr/replica/host.cpp", "smr/app/a.cpp"}) {
      EXPECT_EQ(found(path, "\n" + line + "\n"), List{"banned:2"}) << path << ": " << line;
    }
    for (const char* path : {"smr/replica/threads/executor.cpp", "smr/bin/a.cpp", "net/a.cpp"}) {
      EXPECT_EQ(found(path, "\n" + line + "\n"), List{}) << path << ": " << line;
    }
  }
}

TEST(Checker, OnlyEnsureMayWrite) {
  EXPECT_EQ(found("consensus/core/ensure.cpp", "#include <iostream>\nstd::cerr << 1;\n"), List{});
  EXPECT_EQ(found("consensus/core/ensure.cpp", "std::mutex m;\n"), List{"banned:1"});
}

TEST(Checker, TestsTakeTheirFoldersFromOnePlace) {
  const std::string line = "const auto folder = ::testing::TempDir() + name;\n";
  EXPECT_EQ(found("tests/unit/net/x_test.cpp", line), List{"banned:1"});
  EXPECT_EQ(found("tests/support/temp_folder.hpp", "#pragma once\n" + line), List{"banned:2"});
  EXPECT_EQ(found("tests/unit/net/x_test.cpp", "std::filesystem::temp_directory_path();\n"),
            List{"banned:1"});
}

TEST(Checker, SimilarWordsAreLeftAlone) {
  const std::vector<std::string> innocent = {
      "// a double vote, a mutex, rand()",
      "/* std::thread\n   float */ int x;",
      "auto s = \"std::mutex and double\";",
      "auto s = R\"(std::mutex \" double)\"; int x;",
      "int thread = 1; int future = 2;",
      "auto n = 1'000'000; char c = '\"'; int double_votes = 0;",
      "Duration time() const;",
      "auto t = timer.time(); auto u = timer->clock();",
      "auto t = Simulated::time(1);",
      "bool is_random(int x);",
      "std::chrono::milliseconds d{1};",
      "#include <chrono>",
      "std::map<int, std::string*> values;",
      "std::set<Digest> ids;",
      "std::set<QcPtr, ByRank> certificates;",
      "std::map<Digest, BlockPtr> blocks;",
  };
  for (const auto& line : innocent) {
    EXPECT_EQ(found("consensus/core/a.cpp", line + "\n"), List{}) << line;
  }
}

TEST(Checker, ContainersMayNotBeOrderedByAddress) {
  for (const char* line : {
           "std::set<Block*> s;",
           "std::set<const Block*> s;",
           "std::map<Block*, int> m;",
           "std::multimap<std::shared_ptr<Block>, std::pair<int, int>> m;",
           "std::map<BlockPtr, int> m;",
           "std::map<\n    BlockPtr, int> m;",
       }) {
    EXPECT_EQ(found("consensus/pbeegees/a.cpp", std::string(line) + "\n"), List{"pointer-key:1"})
        << line;
  }
}

TEST(Checker, FilesAndLinesHaveLimits) {
  std::string text;
  for (std::size_t i = 0; i < kLinesMax; ++i) text += "\n";
  EXPECT_EQ(found("crypto/a.cpp", text), List{});
  EXPECT_EQ(found("crypto/a.cpp", text + "\n"), List{"file-length:501"});

  const std::string line(kColumnsMax, 'x');
  EXPECT_EQ(found("crypto/a.cpp", line + "\n"), List{});
  EXPECT_EQ(found("crypto/a.cpp", line + "x\n"), List{"line-length:1"});
  EXPECT_EQ(found("crypto/a.cpp", std::string(kColumnsMax - 1, 'x') + "\xC3\xA9\n"), List{});
}

TEST(Checker, WhiteSpaceIsPlain) {
  EXPECT_EQ(found("crypto/a.cpp", "\tint x;\n"), List{"tab:1"});
  EXPECT_EQ(found("crypto/a.cpp", "int x; \n"), List{"trailing-space:1"});
  EXPECT_EQ(found("crypto/a.cpp", "int x;\r\n"), List{"trailing-space:1"});
  EXPECT_EQ(found("crypto/a.cpp", "int x;"), List{"final-newline:1"});
}

TEST(Checker, HeadersGuardThemselvesAndOpenNoNamespace) {
  EXPECT_EQ(found("crypto/a.hpp", "#pragma once\nint x;\n"), List{});
  EXPECT_EQ(found("crypto/a.hpp", "int x;\n"), List{"pragma-once:1"});
  EXPECT_EQ(found("crypto/a.hpp", "// #pragma once\n"), List{"pragma-once:1"});
  EXPECT_EQ(found("crypto/a.hpp", "#pragma once\nusing namespace std;\n"),
            List{"using-namespace:2"});
  EXPECT_EQ(found("crypto/a.cpp", "using namespace std;\n"), List{});
  EXPECT_EQ(found("crypto/a.hpp", "#pragma once\nnamespace a {}\n"), List{});
}

TEST(Scanner, BlanksCommentsAndLiteralsInPlace) {
  const Source source = scan("int a; // b\nf(\"c\\\"d\", 'e'); /* g\nh */ i\n");
  EXPECT_EQ(source.code, "int a;     \nf(      ,    );     \n     i\n");
  EXPECT_EQ(source.no_comments, "int a;     \nf(\"c\\\"d\", 'e');     \n     i\n");
}

TEST(Scanner, FindsIncludesOutsideOfCommentsAndStrings) {
  const Source source = scan(
      "#include <a>\n  #  include \"b/c.hpp\"\n// #include <d>\n"
      "auto s = R\"(\n#include <e>\n)\";\n");
  const auto includes = includes_of(source);
  ASSERT_EQ(includes.size(), 2u);
  EXPECT_EQ(includes[0].header, "a");
  EXPECT_FALSE(includes[0].quoted);
  EXPECT_EQ(includes[1].header, "b/c.hpp");
  EXPECT_TRUE(includes[1].quoted);
  EXPECT_EQ(includes[1].line, 2u);
}

}  // namespace
}  // namespace waggle::style
