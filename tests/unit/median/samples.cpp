#include "tests/unit/median/samples.hpp"

#include <string>

namespace waggle::testing {

using median::Append;
using median::Commit;
using median::Content;
using median::ContentRequest;
using median::Contents;
using median::FinalReply;
using median::FinalRequest;
using median::LogReply;
using median::LogRequest;
using median::Message;
using median::Named;
using median::SignedPre;
using median::Window;

namespace {

constexpr std::uint64_t kFirstClient = 100;
constexpr std::uint32_t kClients = 3;

Digest digest_of(std::uint8_t byte) {
  Digest digest;
  digest.bytes.fill(byte);
  return digest;
}

}  // namespace

MedianSamples::MedianSamples(sim::Signatures signatures)
    : crypto_(sim::CryptoSuite::make(signatures)) {
  for (std::uint32_t i = 0; i < kServers; ++i) {
    signers_.push_back(crypto_->make_signer(i));
    chain.replica_keys.push_back(signers_.back()->public_key());
  }
  for (std::uint32_t i = 0; i < kClients; ++i) {
    clients_.push_back(crypto_->make_signer(kFirstClient + i));
  }
  chain.chain_id = hasher().hash({as_bytes("a genesis file")});
}

SharedBytes MedianSamples::request(std::uint32_t client_index, std::uint64_t number) const {
  const std::vector<Bytes> commands{
      to_bytes("command " + std::to_string(number) + " of " + std::to_string(client_index))};
  return std::make_shared<const Bytes>(
      make_request(chain.chain_id, client(client_index), number, commands));
}

Content MedianSamples::content(std::uint32_t client_index, std::uint64_t number) const {
  return *median::read_content(request(client_index, number), chain.limits, hasher());
}

Named MedianSamples::name(std::uint32_t client_index, std::uint64_t number) const {
  const median::Command command = content(client_index, number).command;
  return {command.client, command.number, command.digest};
}

SignedPre MedianSamples::pre(std::uint32_t server, Window window,
                             std::vector<Named> entries) const {
  const SignedPre unsigned_pre{ReplicaId{server},  window, 90 + server, digest_of(0x40),
                               std::move(entries), {}};
  return std::get<SignedPre>(median::sign(unsigned_pre, signer(server), chain, hasher()));
}

Commit MedianSamples::commit(std::uint32_t server, Window window, std::uint64_t length) const {
  const Commit unsigned_commit{ReplicaId{server}, window, length, digest_of(0x50), {}};
  return std::get<Commit>(median::sign(unsigned_commit, signer(server), chain, hasher()));
}

std::vector<Message> MedianSamples::messages() const {
  const std::uint64_t in_lane = median::lane_number(3, 12);
  const LogRequest log_request{.round = 1'000,
                               .final_length = 93,
                               .entries = 40,
                               .marks = {0x1111'2222'3333'4444, 0x5555'6666'7777'8888},
                               .window = 62,
                               .pres = {0b1011},
                               .commits = 0x9999'aaaa'bbbb'cccc,
                               .lock = 0xdddd'eeee'ffff'0000,
                               .rejoining = true};
  LogReply log_reply{.round = 1'001, .final_length = 94, .shared = 32};
  log_reply.entries = {{name(0, 7), 990}, {null_name(name(1, 8)), 991}, {name(2, in_lane), 992}};
  log_reply.pres = {pre(0, 61, {name(0, 7)}), pre(1, 61, {})};
  log_reply.commits = {commit(3, 60, 91), commit(1, 60, 92)};
  log_reply.certificates = {
      {pre(0, 58, {name(0, 6)}), pre(2, 58, {name(0, 6), name(1, 8)}), pre(3, 58, {name(0, 6)})},
      {pre(1, 57, {}), pre(2, 57, {}), pre(3, 57, {name(2, 1)}), pre(0, 57, {})}};
  log_reply.last_pre = 59;
  const Append append{1'002, {{content(0, 9), 1'000}, {content(1, in_lane), 1'001}}};
  const ContentRequest content_request{{digest_of(0x60), digest_of(0x61)}};
  const Contents contents{{content(2, 1), content(0, in_lane)}};
  FinalReply final_reply{.from = 89};
  final_reply.entries = {{name(0, 5), request(0, 5)},
                         {null_name(name(1, 6)), nullptr},
                         {name(2, in_lane), request(2, in_lane)}};
  final_reply.seal = {commit(0, 56, 93), commit(2, 56, 92), commit(3, 56, 97)};
  return {log_request,
          log_reply,
          append,
          pre(2, 63, {name(0, 10), null_name(name(1, 9)), name(2, in_lane)}),
          commit(2, 55, 88),
          content_request,
          contents,
          FinalRequest{87},
          final_reply,
          median::head_of(pre(2, 64, {name(0, 11), name(1, 12)}), hasher()),
          median::PreRequest{65}};
}

std::optional<Refusal> MedianSamples::refusal_of(const Message& message, std::uint32_t from) const {
  const auto checked = median::validate(message, ReplicaId{from}, chain, verifier(), hasher());
  return checked ? std::nullopt : std::optional(checked.error());
}

}  // namespace waggle::testing
