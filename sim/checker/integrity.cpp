#include "sim/checker/integrity.hpp"

namespace waggle::sim {

void Integrity::on_submitted(const ClientId& client, std::uint64_t number,
                             const app::KvCommand& command) {
  clients_[client].submitted.emplace(number, app::encode(command));
}

void Integrity::on_commit(ReplicaId replica, const smr::ExecutionJob& job) {
  const Height height = job.block->height();
  if (const Decided* known = decided_.find(height)) {
    if (known->decisions == job.decisions) return;
    return fail(told(replica) + " " + told(now()) + " decides otherwise what to execute at " +
                told(height) + " than " + told(known->by) + " " + told(known->at));
  }
  if (height != decided_.end()) return;
  std::size_t next = 0;
  for (const RequestRef& request : job.block->payload->requests()) {
    for (const CommandRef& command : commands_of(request.in(*job.block->payload->bytes()))) {
      const bool executes = job.decisions.at(next++) == smr::Decision::kExecute;
      if (executes) execute(replica, request, command);
    }
  }
  decided_.append({job.decisions, replica, now()});
  decided_.forget_up_to(stage_.forgotten);
}

void Integrity::execute(ReplicaId replica, const RequestRef& request, const CommandRef& command) {
  const auto wrong = [&](std::string_view how) {
    fail(told(replica) + " executes command " + std::to_string(command.number) + " of client " +
         short_hex(request.client) + " " + told(now()) + std::string(how));
  };
  const auto client = clients_.find(request.client);
  if (client == clients_.end()) return wrong(", a client that nobody knows");
  auto& [submitted, executed] = client->second;
  if (!executed.insert(command.number)) return wrong(" once more");
  const auto found = submitted.find(command.number);
  if (found == submitted.end()) return wrong(", which was never submitted");
  if (as_text(found->second) != as_text(command.bytes)) {
    return wrong(", but not as it was submitted");
  }
  submitted.erase(found);
}

}  // namespace waggle::sim
