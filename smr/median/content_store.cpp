#include "smr/median/content_store.hpp"

namespace waggle::median {

bool ContentStore::add(const Content& content) {
  if (bytes_ + content.request->size() > kBytesMax) return false;
  if (!contents_.try_emplace(content.command.digest, content).second) return false;
  bytes_ += content.request->size();
  return true;
}

SharedBytes ContentStore::find(const Digest& leaf) const {
  const Content* const held = content(leaf);
  return held ? held->request : nullptr;
}

const Content* ContentStore::content(const Digest& leaf) const {
  const auto found = contents_.find(leaf);
  return found == contents_.end() ? nullptr : &found->second;
}

}  // namespace waggle::median
