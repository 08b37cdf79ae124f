#include "crypto/sha256.hpp"

#include <memory>

#include <openssl/evp.h>

#include "consensus/core/ensure.hpp"

namespace waggle::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

/// Fetched once: a lookup by name costs more than the hash of a small input. Never freed, because
/// other threads may hash until the process ends.
const EVP_MD* algorithm() noexcept {
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  ENSURE(md != nullptr, "OpenSSL offers no SHA-256");
  return md;
}

EVP_MD_CTX* thread_context() noexcept {
  thread_local const Context context = [] {
    Context fresh(EVP_MD_CTX_new());
    ENSURE(fresh != nullptr && EVP_DigestInit_ex2(fresh.get(), algorithm(), nullptr) == 1);
    return fresh;
  }();
  return context.get();
}

}  // namespace

Digest Sha256Hasher::hash(std::initializer_list<ByteView> parts) const noexcept {
  EVP_MD_CTX* const context = thread_context();
  bool ok = EVP_DigestInit_ex2(context, nullptr, nullptr) == 1;
  for (const ByteView part : parts) {
    ok = ok && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  }
  Digest digest;
  ok = ok && EVP_DigestFinal_ex(context, digest.bytes.data(), nullptr) == 1;
  ENSURE(ok, "OpenSSL failed to hash");
  return digest;
}

}  // namespace waggle::crypto
