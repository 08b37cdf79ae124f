#include "sim/experiment/page.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace waggle::sim {
namespace {

/// The words in lines of at most 120 columns.
std::string fold(std::string_view text) {
  constexpr std::size_t kWidth = 120;
  std::string folded;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const bool fits = column + 1 + word.size() <= kWidth;
    if (column > 0) folded += fits ? ' ' : '\n';
    column = (column > 0 && fits ? column + 1 : 0) + word.size();
    folded += word;
  }
  return folded;
}

std::string figure_file(const Experiment& experiment, const Figure& figure) {
  return fmt::format("{}{}{}.svg", experiment.name, figure.suffix.empty() ? "" : "-",
                     figure.suffix);
}

std::string claims_table(const std::vector<Claim>& claims) {
  Table table({"expected", "found", "holds"});
  for (const Claim& claim : claims) {
    table.add({claim.expected, claim.found, claim.holds ? "yes" : "**no**"});
  }
  return table.markdown();
}

std::string page(const Experiment& experiment, const Findings& findings, const Scale& scale) {
  std::string text = fmt::format("# {}\n\n{}\n\n", experiment.title, fold(experiment.question));
  text += fmt::format("```\nwaggle-sim experiment {}{}\n```\n\n", experiment.name,
                      scale.quick ? " --quick" : "");
  text += fmt::format("{}\n\nEvery run and what several come to together: [{}.csv]({}.csv).\n\n",
                      fold(experiment.setup), experiment.name, experiment.name);
  for (const Figure& figure : findings.figures) {
    text += fmt::format("![{}]({})\n\n", figure.caption, figure_file(experiment, figure));
  }
  text += fmt::format("## What is expected\n\n{}\n", claims_table(findings.claims));
  text += fmt::format("## What one sees\n\n{}\n\n", fold(experiment.reading));
  for (const Table& table : findings.tables) {
    text += fmt::format("{}:\n\n{}\n", fold(table.caption()), table.markdown());
  }
  text += fmt::format("## Limits\n\n{}\n", fold(experiment.limits));
  return text;
}

}  // namespace

std::vector<File> files_of(const Experiment& experiment, const Findings& findings,
                           const Scale& scale) {
  std::vector<File> files;
  files.push_back({fmt::format("{}.csv", experiment.name), findings.data.csv()});
  for (const Figure& figure : findings.figures) {
    files.push_back({figure_file(experiment, figure), figure.svg});
  }
  files.push_back({fmt::format("{}.md", experiment.name), page(experiment, findings, scale)});
  return files;
}

File index_of(const std::vector<const Experiment*>& present) {
  std::string text =
      "# Experiments\n\n"
      "Made by the [simulator](../simulator.md), all of it anew by\n\n"
      "```\nwaggle-sim experiment all --jobs 2\n```\n\n"
      "Equal versions make equal files. Each page has its question, how it was measured, figures, "
      "what was\nexpected and whether it holds, and limits; beside it lies its data as CSV.\n";
  for (const Experiment* one : present) {
    text += fmt::format("\n## [{}]({}.md)\n\n{}\n\n![{}]({}.svg)\n", one->title, one->name,
                        fold(one->question), one->title, one->name);
  }
  return {"README.md", text};
}

}  // namespace waggle::sim
