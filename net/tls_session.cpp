#include "net/tls_session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "consensus/core/ensure.hpp"
#include "net/tls_identity_impl.hpp"

namespace waggle::net {

struct TlsContext::Impl {
  std::unique_ptr<SSL_CTX, TlsFree<SSL_CTX_free>> context;
};

struct TlsSession::Impl {
  std::unique_ptr<SSL, TlsFree<SSL_free>> ssl;
  std::vector<PublicKey> pins;
  std::optional<PublicKey> peer_key;
  Failure failure = Failure::kNone;
  unsigned long error = 0;
  ByteView input;
  Bytes output;

  Status status_of(int result);
};

namespace {

// A BIO whose two ends are the session's input and output: no buffer and no copy in between.

int bio_read(BIO* bio, char* into, int size) {
  auto& input = *static_cast<ByteView*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const std::size_t count = std::min(input.size(), static_cast<std::size_t>(size));
  if (count == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(into, input.data(), count);
  input = input.subspan(count);
  return static_cast<int>(count);
}

int bio_write(BIO* bio, const char* from, int size) {
  auto& output = *static_cast<Bytes*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(from);
  output.insert(output.end(), bytes, bytes + size);
  return size;
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* make_method(const char* name, int (*read)(BIO*, char*, int),
                        int (*write)(BIO*, const char*, int)) {
  BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, name);
  ENSURE(method != nullptr);
  BIO_meth_set_ctrl(method, bio_control);
  if (read != nullptr) BIO_meth_set_read(method, read);
  if (write != nullptr) BIO_meth_set_write(method, write);
  return method;
}

BIO* make_bio(const BIO_METHOD* method, void* data) {
  BIO* const bio = BIO_new(method);
  ENSURE(bio != nullptr, "out of memory");
  BIO_set_data(bio, data);
  BIO_set_init(bio, 1);
  return bio;
}

BIO* make_input(ByteView* input) {
  static BIO_METHOD* const method = make_method("waggle input", bio_read, nullptr);
  return make_bio(method, input);
}

BIO* make_output(Bytes* output) {
  static BIO_METHOD* const method = make_method("waggle output", nullptr, bio_write);
  return make_bio(method, output);
}

/// What lies in the thread's queue would be taken for the error of the next call. Emptying it costs
/// more than most calls, so it is only emptied when it is not empty.
void clear_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

std::optional<PublicKey> raw_key(const X509* certificate) {
  const EVP_PKEY* const key = certificate ? X509_get0_pubkey(certificate) : nullptr;
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) return std::nullopt;
  PublicKey raw;
  std::size_t size = PublicKey::kSize;
  if (EVP_PKEY_get_raw_public_key(key, raw.bytes.data(), &size) != 1 || size != PublicKey::kSize) {
    return std::nullopt;
  }
  return raw;
}

/// Stands in for the checking of certificate chains: the key is pinned or it is not. That the
/// other side holds it is proven by the handshake's own signature.
int verify_pinned(X509_STORE_CTX* store, void*) {
  const auto* const ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& session = *static_cast<TlsSession::Impl*>(SSL_get_app_data(ssl));
  const auto key = raw_key(X509_STORE_CTX_get0_cert(store));
  if (key && std::find(session.pins.begin(), session.pins.end(), *key) != session.pins.end()) {
    session.peer_key = *key;
    return 1;
  }
  session.failure = TlsSession::Failure::kUnknownKey;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

}  // namespace

TlsContext::TlsContext(Role role, const TlsIdentity* identity) : impl_(std::make_unique<Impl>()) {
  impl_->context.reset(SSL_CTX_new(TLS_method()));
  SSL_CTX* const context = impl_->context.get();
  ENSURE(context != nullptr, "OpenSSL has no TLS");
  char groups[] = "X25519";  // OpenSSL's macros drop the const of a literal
  char algorithms[] = "ed25519";
  const bool fixed = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                     SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                     SSL_CTX_set_ciphersuites(context,
                                              "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                              "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                     SSL_CTX_set1_groups_list(context, groups) == 1 &&
                     SSL_CTX_set1_sigalgs_list(context, algorithms) == 1 &&
                     SSL_CTX_set_num_tickets(context, 0) == 1;
  ENSURE(fixed, "OpenSSL lacks TLS 1.3 with Ed25519 and X25519");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, 4096);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  // Clients are many and mostly idle; peers are few and busy.
  if (role == Role::kClientServer) SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (role == Role::kClientServer) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  } else {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify_pinned, nullptr);
  }
  if (role == Role::kClient) return;
  ENSURE(identity != nullptr);
  const bool keyed = SSL_CTX_use_certificate(context, identity->impl().certificate.get()) == 1 &&
                     SSL_CTX_use_PrivateKey(context, identity->impl().key.get()) == 1;
  ENSURE(keyed, "OpenSSL refuses our own certificate");
}

TlsContext::~TlsContext() = default;

TlsSession::TlsSession(const TlsContext& context, Side side, std::vector<PublicKey> pins)
    : impl_(std::make_unique<Impl>()) {
  impl_->pins = std::move(pins);
  impl_->ssl.reset(SSL_new(context.impl_->context.get()));
  SSL* const ssl = impl_->ssl.get();
  ENSURE(ssl != nullptr, "out of memory");
  SSL_set_app_data(ssl, impl_.get());
  SSL_set_bio(ssl, make_input(&impl_->input), make_output(&impl_->output));
  side == Side::kAccept ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl);
}

TlsSession::~TlsSession() = default;

void TlsSession::feed(ByteView input) noexcept { impl_->input = input; }

TlsSession::Status TlsSession::Impl::status_of(int result) {
  switch (SSL_get_error(ssl.get(), result)) {
    case SSL_ERROR_NONE: return Status::kOk;
    case SSL_ERROR_WANT_READ: return Status::kWantRead;
    case SSL_ERROR_ZERO_RETURN: return Status::kClosed;
    default:
      error = ERR_peek_last_error();
      if (failure == Failure::kNone) {
        const bool alert =
            ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET;
        failure = alert ? Failure::kAlert : Failure::kProtocol;
      }
      return Status::kFailed;
  }
}

TlsSession::Status TlsSession::handshake() {
  if (impl_->failure != Failure::kNone) return Status::kFailed;
  clear_errors();
  return impl_->status_of(SSL_do_handshake(impl_->ssl.get()));
}

TlsSession::Read TlsSession::read(std::span<std::uint8_t> into) {
  if (impl_->failure != Failure::kNone) return {Status::kFailed, 0};
  clear_errors();
  std::size_t size = 0;
  const int result = SSL_read_ex(impl_->ssl.get(), into.data(), into.size(), &size);
  return {result == 1 ? Status::kOk : impl_->status_of(result), size};
}

bool TlsSession::write(ByteView plain) {
  if (impl_->failure != Failure::kNone) return false;
  if (plain.empty()) return true;
  clear_errors();
  std::size_t size = 0;
  const int result = SSL_write_ex(impl_->ssl.get(), plain.data(), plain.size(), &size);
  return result == 1 && size == plain.size();  // the output takes everything
}

void TlsSession::shutdown() {
  if (impl_->failure != Failure::kNone || SSL_is_init_finished(impl_->ssl.get()) == 0) return;
  clear_errors();
  SSL_shutdown(impl_->ssl.get());
  clear_errors();
}

Bytes& TlsSession::output() noexcept { return impl_->output; }

bool TlsSession::has_partial_input() const noexcept {
  return SSL_has_pending(impl_->ssl.get()) == 1;
}

const std::optional<PublicKey>& TlsSession::peer_key() const noexcept { return impl_->peer_key; }
TlsSession::Failure TlsSession::failure() const noexcept { return impl_->failure; }

std::string TlsSession::failure_text() const {
  if (impl_->failure == Failure::kUnknownKey) return "the other side's key is not the pinned one";
  const char* const reason = ERR_reason_error_string(impl_->error);
  const std::string said = impl_->failure == Failure::kAlert ? "the other side refused: " : "";
  return said + (reason != nullptr ? reason : "TLS failed");
}

}  // namespace waggle::net
