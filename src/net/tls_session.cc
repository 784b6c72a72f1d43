#include "net/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/text.h"
#include "net/address.h"

namespace missive::net {
namespace {

TlsSession* session_of(BIO* bio) { return static_cast<TlsSession*>(BIO_get_data(bio)); }

long on_bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

std::string without_dot(std::string_view domain) {
  if (!domain.empty() && domain.back() == '.') domain.remove_suffix(1);
  return std::string(domain);
}

bool is_ip(std::string_view host) { return Address::from_ip(host, 0).has_value(); }

}  // namespace

// The one kind of BIO there is: it reads from input_ and appends to wire_.
const void* TlsSession::bio_method() {
  static BIO_METHOD* const method = [] {
    auto* out = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "session");
    if (out == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(out, &TlsSession::on_bio_write);
    BIO_meth_set_read(out, &TlsSession::on_bio_read);
    BIO_meth_set_ctrl(out, on_bio_control);
    return out;
  }();
  return method;
}

int TlsSession::on_bio_write(BIO* bio, const char* data, int size) {
  session_of(bio)->wire_.append(data, static_cast<std::size_t>(size));
  return size;
}

int TlsSession::on_bio_read(BIO* bio, char* data, int room) {
  BIO_clear_retry_flags(bio);
  auto& input = session_of(bio)->input_;
  const auto size = std::min(input.size(), static_cast<std::size_t>(room));
  if (size == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(data, input.data(), size);
  input.remove_prefix(size);
  return static_cast<int>(size);
}

TlsSession::TlsSession(const TlsContext& context, TlsRole role, std::string_view domain)
    : context_(context.snapshot()),
      role_(role),
      domain_(without_dot(domain)),
      ssl_(SSL_new(context_->native.get())) {
  auto* bio = BIO_new(static_cast<const BIO_METHOD*>(bio_method()));
  if (ssl_ == nullptr || bio == nullptr) {
    SSL_free(ssl_);
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  const auto& options = context_->options;
  if (role == TlsRole::client) {
    SSL_set_connect_state(ssl_);
    SSL_set_verify(ssl_, options.verify_server ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                   &TlsSession::on_certificate);
    // RFC 6066 section 3: names only. One that is too long for it is not asked for.
    if (!domain_.empty() && !is_ip(domain_)) SSL_set_tlsext_host_name(ssl_, domain_.c_str());
  } else {
    SSL_set_accept_state(ssl_);
    const int demand = options.require_client_cert ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_set_verify(ssl_, options.asks_clients() ? SSL_VERIFY_PEER | demand : SSL_VERIFY_NONE,
                   &TlsSession::on_certificate);
  }
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

// Called for every certificate of the chain; keeps what is wrong with the first that is bad.
int TlsSession::on_certificate(int good, X509_STORE_CTX* store) {
  if (good == 1) return good;
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& self = *static_cast<TlsSession*>(SSL_get_app_data(ssl));
  if (self.bad_certificate_.empty() && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
    const auto* certificate = X509_STORE_CTX_get_current_cert(store);
    self.bad_certificate_ =
        fmt::format("the certificate of '{}' is not trusted: {}",
                    certificate != nullptr ? subject_of(*certificate) : "",
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
  }
  return good;
}

// True as soon as the connection is open.
bool TlsSession::shake_hands() {
  if (state_ != State::handshake) return state_ == State::open;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result != 1) {
    fail_by(result);
    if (state_ == State::closed) fail("closed by peer");
    return false;
  }
  look_at_peer();
  state_ = State::open;
  if (role_ == TlsRole::client && context_->options.verify_server) {
    if (const auto good = good_for(domain_); !good) {
      close();
      fail("its certificate " + good.error().text);
    }
  }
  return state_ == State::open;
}

void TlsSession::look_at_peer() {
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return;
  has_certificate_ = true;
  verified_ =
      SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl_) == X509_V_OK;
  names_ = CertificateNames(*certificate);
}

std::size_t TlsSession::read(char* to, std::size_t room) {
  if (!shake_hands()) return 0;
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_, to, room, &got);
  if (result == 1) return got;
  fail_by(result);
  return 0;
}

std::size_t TlsSession::write(std::string_view plain) {
  const bool may = state_ == State::open || state_ == State::closed;
  if (!may || said_goodbye_ || plain.empty()) return 0;
  ERR_clear_error();
  std::size_t put = 0;
  const int result = SSL_write_ex(ssl_, plain.data(), std::min(plain.size(), record_size), &put);
  if (result == 1) return put;
  fail_by(result);
  return 0;
}

void TlsSession::close() {
  if (said_goodbye_ || (state_ != State::open && state_ != State::closed)) return;
  said_goodbye_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

// What it means that an operation did not succeed: most often that more octets are needed.
void TlsSession::fail_by(int result) {
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  if (error == SSL_ERROR_ZERO_RETURN) {
    state_ = State::closed;
  } else {
    fail(reason());
  }
  ERR_clear_error();
}

std::string TlsSession::reason() const {
  if (!bad_certificate_.empty()) return bad_certificate_;
  const auto code = ERR_peek_error();
  const int number = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    // The alerts that the peer sends are numbered so.
    if (number > SSL_AD_REASON_OFFSET) {
      return fmt::format("the peer refuses: {}",
                         SSL_alert_desc_string_long(number - SSL_AD_REASON_OFFSET));
    }
    switch (number) {
      case SSL_R_HTTP_REQUEST:
      case SSL_R_HTTPS_PROXY_REQUEST:
      case SSL_R_WRONG_VERSION_NUMBER:
        return "what the peer sends is no TLS";
      case SSL_R_UNSUPPORTED_PROTOCOL:
        return "the peer speaks no version of TLS that is allowed here";
      case SSL_R_NO_SHARED_CIPHER:
        return "there is no cipher that both sides may use";
      case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return "the peer shows no certificate, and require_client_cert is set";
      default:
        break;
    }
  }
  const char* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "the TLS protocol was violated";
}

base::Result<void> TlsSession::good_for(std::string_view domain) const {
  if (!has_certificate_) return base::fail("is missing: it has shown none");
  if (!verified_) return base::fail("was not verified");
  if (names_.covers(domain, context_->options.allow_wildcard_certs)) return {};
  return base::fail("is not for {} but for {}{}", base::printable(domain, 120), names_.str(),
                    names_.covers_by_wildcard_only(domain)
                        ? ", which only allow_wildcard_certs=yes would accept"
                        : "");
}

}  // namespace missive::net
