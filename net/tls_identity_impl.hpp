#pragma once

#include <memory>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "net/tls_identity.hpp"

namespace waggle::net {

/// Deletes an OpenSSL object with the function that the library has for it.
template <auto Free>
struct TlsFree {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, TlsFree<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, TlsFree<X509_free>>;

struct TlsIdentity::Impl {
  KeyPtr key;
  CertificatePtr certificate;
  PublicKey public_key;
};

}  // namespace waggle::net
