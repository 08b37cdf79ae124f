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
  const ClientId& client = table.client_id(table.client(slot));
  const auto [last, fresh] = changed_.try_emplace(client, 0);
  if (fresh) last->second = base_.number(client);
  const bool next = table.number(slot) == last->second + 1;
  const bool executes = next && !entry.is_null();
  if (next) last->second = table.number(slot);  // a null entry advances the number, too
  const Digest leaf = executes ? table.digest(entry) : hashing_.hasher->hash({domain::kNullLeaf});
  forest_.append(leaf, *hashing_.hasher);
  chain_ = hashing_.extend(chain_, entry);
  return executes;
}

FinalPtr PrefixCursor::finish(SealPtr seal) const {
  FinalPrefix result = base_;
  result.length = forest_.count();
  result.chain = chain_;
  result.forest = forest_;
  for (const auto& [client, number] : changed_) result.numbers[client] = number;
  result.seal = std::move(seal);
  return std::make_shared<const FinalPrefix>(std::move(result));
}

}  // namespace waggle::median
