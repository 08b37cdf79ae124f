#include "smr/median/final_prefix.hpp"

#include "consensus/core/domain.hpp"
#include "smr/median/messages.hpp"

namespace waggle::median {

Digest Hashing::extend(const Digest& chain, Handle entry) const {
  return extend_chain(chain, name_of(entry, *table), *hasher);
}

Digest Hashing::extend(const Digest& chain, std::span<const Handle> entries) const {
  Digest result = chain;
  for (const Handle entry : entries) result = extend(result, entry);
  return result;
}

bool PrefixCursor::append(Handle entry) {
  const CommandTable& table = *hashing_.table;
  const Slot slot = table.slot(entry);
  std::optional<Digest> leaf;
  if (!entry.is_null()) leaf = table.digest(entry);
  here_.chain = hashing_.extend(here_.chain, entry);
  ++here_.length;
  const ClientId& client = table.client_id(table.client(slot));
  return here_.chains.append(client, table.number(slot), leaf, *hashing_.hasher);
}

FinalPtr PrefixCursor::finish(SealPtr seal) const {
  FinalPrefix result = here_;
  result.seal = std::move(seal);
  return std::make_shared<const FinalPrefix>(std::move(result));
}

}  // namespace waggle::median
