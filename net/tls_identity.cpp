#include "net/tls_identity.hpp"

#include "net/tls_identity_impl.hpp"

namespace waggle::net {
namespace {

/// The certificate is only an envelope for the key: fixed name, valid for ever, nobody looks.
CertificatePtr make_certificate(EVP_PKEY* key) {
  CertificatePtr certificate(X509_new());
  if (!certificate) return nullptr;
  X509* const x = certificate.get();
  X509_NAME* const name = X509_get_subject_name(x);
  static constexpr unsigned char kName[] = "waggle";
  static constexpr char kFrom[] = "20000101000000Z";
  static constexpr char kUntil[] = "99991231235959Z";  // RFC 5280: no end
  const bool made = X509_set_version(x, 2) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
                    ASN1_TIME_set_string(X509_getm_notBefore(x), kFrom) == 1 &&
                    ASN1_TIME_set_string(X509_getm_notAfter(x), kUntil) == 1 &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
                    X509_sign(x, key, nullptr) > 0;
  return made ? std::move(certificate) : nullptr;
}

}  // namespace

Result<TlsIdentity, std::string> TlsIdentity::from_seed(ByteView seed) {
  if (seed.size() != PublicKey::kSize) {
    return Unexpected{std::string("a TLS key must have 32 bytes")};
  }
  auto impl = std::make_shared<Impl>();
  impl->key.reset(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  std::size_t size = PublicKey::kSize;
  if (!impl->key ||
      EVP_PKEY_get_raw_public_key(impl->key.get(), impl->public_key.bytes.data(), &size) != 1) {
    return Unexpected{std::string("OpenSSL cannot use this Ed25519 key")};
  }
  impl->certificate = make_certificate(impl->key.get());
  if (!impl->certificate) {
    return Unexpected{std::string("OpenSSL cannot make an Ed25519 certificate")};
  }
  return TlsIdentity(std::move(impl));
}

const PublicKey& TlsIdentity::public_key() const noexcept { return impl_->public_key; }

}  // namespace waggle::net
