#include "sim/checker/property.hpp"

namespace waggle::sim {

std::string told(ReplicaId replica) { return "replica " + std::to_string(replica.value); }
std::string told(View view) { return "view " + std::to_string(view.value); }
std::string told(Height height) { return "height " + std::to_string(height.value); }

std::string told(Duration at) {
  const std::string micros = std::to_string(1'000'000 + at.count() % 1'000'000);
  return "at " + std::to_string(at.count() / 1'000'000) + "." + micros.substr(1) + " s";
}

}  // namespace waggle::sim
