#include "sim/scenario/entries.hpp"

#include "smr/config/nearest.hpp"

namespace waggle::sim {

std::string unknown(const std::string& word, const std::vector<std::string_view>& words) {
  const std::string_view close = config::nearest(word, words);
  std::string text = "\"" + word + "\" is unknown";
  if (!close.empty()) return text + "; did you mean \"" + std::string(close) + "\"?";
  text += "; known are";
  for (const std::string_view one : words) text += " " + std::string(one);
  return text;
}

}  // namespace waggle::sim
