#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "smr/certificate/client_chains.hpp"
#include "smr/client/chain_store.hpp"

namespace waggle::client {

/// A client's commands and chains in a file beside its key, to which records are appended:
///
///   waggle-chains 1
///   client <public key in hex>
///   chain <chain id in hex>
///   per record: length u32 | checksum u64 | kind u8 | number u64 | content
///
/// Of kind 1 the content is a command that was issued, of kind 2 a record of ClientChains. Whatever
/// of a record is not there, or still blank, at the end of the file was never synced, and is cut
/// off. The file is locked while it is open. It takes the command and its chain, O(log m) for m
/// commands; in memory are 24 bytes per record, and the chains of lanes that are used.
class ChainFile final : public ChainStore {
 public:
  /// Opens or creates the file and reads it through once. The hasher must outlive it. Fails with
  /// one line that says what to do.
  static Result<std::unique_ptr<ChainFile>, std::string> open(const std::filesystem::path& file,
                                                              const Digest& chain_id,
                                                              const ClientId& client,
                                                              const Hasher& hasher);
  ~ChainFile() override;
  ChainFile(const ChainFile&) = delete;
  ChainFile& operator=(const ChainFile&) = delete;

  std::optional<Issued> unacknowledged(std::uint16_t lane) const override;
  void issue(std::uint64_t number, ByteView command) override;
  void acknowledge(const certificate::Acknowledgement& acknowledgement) override;
  Result<void, std::string> sync() override;

  /// The certificate of an acknowledged command with the longest chain so far; nothing if it is not
  /// acknowledged. Fails with one line if the file cannot be read.
  Result<std::optional<certificate::Certificate>, std::string> certificate(std::uint64_t number);
  /// The chains of a lane, with all that is in the file. The same for errors.
  Result<certificate::ClientChains*, std::string> chains(std::uint16_t lane);

 private:
  struct Record {
    std::uint64_t number = 0;
    std::uint64_t offset = 0;   ///< Of the content.
    std::uint32_t size = 0;     ///< The same.
    bool acknowledged = false;  ///< Or issued.
  };
  struct Lane {
    std::vector<Record> records;  ///< In the order of the file.
    std::optional<Issued> open;   ///< Issued and not acknowledged.
    std::optional<certificate::ClientChains> chains;
  };

  ChainFile(std::filesystem::path file, int descriptor, const ClientId& client,
            const Hasher& hasher)
      : file_(std::move(file)), descriptor_(descriptor), client_(client), hasher_(hasher) {}
  Result<void, std::string> load(const std::string& head);
  bool take(ByteView body, std::uint64_t offset);
  void append(std::uint8_t kind, std::uint64_t number, ByteView content);
  Result<Bytes, std::string> read(const Record& record) const;
  std::string problem(const std::string& what) const;

  std::filesystem::path file_;
  int descriptor_;
  ClientId client_;
  const Hasher& hasher_;
  std::map<std::uint16_t, Lane> lanes_;
  std::uint64_t end_ = 0;  ///< Of what is written.
  Bytes unwritten_;        ///< What comes behind.
};

}  // namespace waggle::client
