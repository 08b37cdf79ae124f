#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "consensus/core/bytes.hpp"
#include "smr/client/number_store.hpp"

namespace waggle::client {

/// A client's numbers in a file beside its key. Text of lines that are rewritten in place:
///
///   waggle-numbers 1
///   client <public key in hex>
///   chain <chain id in hex>
///   used-below <20 digits>
///   lane 00001 <20 digits>
///   lane 00002 ...
///
/// The fourth line is of lane 0; the others are there once their lanes were used, and of a protocol
/// without lanes never are. Numbers count within their lane. The first line is of a file that was
/// made with the key, so that a lane without a line was never used; "waggle-numbers 2" is one that
/// was begun later, of which that is not known (0: not known either). From the fourth line on each
/// has 32 bytes, the first 160, so that none lies in two sectors of a disk.
///
/// The file is locked while it is open, so that two processes with one key cannot give one number
/// to two commands; the lock goes with the process, however it ends. Whoever copies a key to
/// another machine must not use both copies: no lock can see that.
///
/// Never restore an older copy. A lost file may be left lost: the client then finds out by itself
/// from where on numbers are unused (engine.hpp).
class NumberFile final : public NumberStore {
 public:
  /// Opens or creates the file and takes the lock. Fails with one line that says what to do: in use
  /// by another process, of another key or chain, damaged, or not accessible.
  static Result<std::unique_ptr<NumberFile>, std::string> open(const std::filesystem::path& file,
                                                               const Digest& chain_id,
                                                               const PublicKey& client);
  /// Writes the file of a key that was never used. Does nothing when there is one.
  static Result<void, std::string> create(const std::filesystem::path& file, const Digest& chain_id,
                                          const PublicKey& client);

  ~NumberFile() override;
  NumberFile(const NumberFile&) = delete;
  NumberFile& operator=(const NumberFile&) = delete;

  std::optional<std::uint64_t> used_below(std::uint16_t lane) const override;
  Result<void, std::string> set_used_below(std::uint64_t number) override;
  Result<void, std::string> sync() override;

 private:
  NumberFile(std::filesystem::path file, int descriptor, const Digest& chain_id,
             const PublicKey& client);
  Result<void, std::string> load();
  std::string head() const;
  Result<void, std::string> write(std::uint64_t offset, std::string_view text);
  std::string problem(const std::string& what) const;

  std::filesystem::path file_;
  int descriptor_;
  Digest chain_id_;
  PublicKey client_;
  bool since_key_ = false;           ///< Made with the key.
  std::vector<std::uint64_t> used_;  ///< Within each lane; 0: not known, or never used.
  bool dirty_ = false;
};

}  // namespace waggle::client
